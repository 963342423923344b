import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../../proxy/contract/settings.ts';
import { toStrelkaError } from '../../proxy/errors.ts';
import type { Gateway, GatewayOptions, Secrets } from '../../proxy/start.ts';
import { answerCommand, type CommandHandlers } from './commands.ts';
import { controlAddress } from './control-address.ts';
import { startControl } from './control-server.ts';
import { makeDataFolder } from './data-folder.ts';
import { readEnvironment } from './environment.ts';
import { keysFileName } from './keys-file.ts';
import { refuseListening } from './listening.ts';
import type { ServiceLog } from './log.ts';
import { reasonOf, refuse } from './refusal.ts';
import { keysOf, lacksKey, loadSecrets, readEnvironmentKeys } from './secrets.ts';
import { composeSettings, type Flags, needsRestart } from './settings.ts';
import { changeSettings, loadSettings, reloadSettings, settingsFileName } from './settings-file.ts';
import { watchFolder } from './watch.ts';

export interface ServiceOptions {
  folder: string;
  environment: NodeJS.ProcessEnv;
  flags: Flags;
  version: string;
  log: ServiceLog;
  /** proxy/start.ts; given, so that each shell hosts the gateway its own way. */
  startGateway(options: GatewayOptions): Promise<Gateway>;
}

export interface Service {
  url: string;
  /** Whether answers are simulated. */
  demo: boolean;
  /** Stops taking requests, waits for those in flight at most this long, and ends. */
  stop(milliseconds: number): Promise<void>;
}

/**
 * What both shells share: settings and keys from data folder and environment, the gateway on them, and edits of the
 * files applied while it runs.
 * @throws StrelkaError `settings-unusable` where it cannot start so; its message names the setting and the mend
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { folder, flags, version, log } = options;
  const environment = readEnvironment(options.environment);
  const environmentKeys = readEnvironmentKeys(options.environment);
  log.protect([...environment.secrets, environmentKeys.clientKey ?? '', ...environmentKeys.primaryKeys]);
  await makeDataFolder(folder);

  const settings = composeSettings(await loadSettings(folder, log.warn), environment, flags);
  log.setLevel(settings.log.level);
  const secrets = await loadSecrets(folder, settings, environmentKeys, log.warn);
  log.protect(keysOf(secrets));
  const demo = flags.demo || lacksKey(settings, secrets);
  const gateway = await options
    .startGateway({ settings, secrets, version, log, demo })
    .catch((error: unknown) => refuseListening(error, settings));

  let inForce: { settings: Settings; secrets: Secrets } = { settings, secrets };
  const reload = async (): Promise<void> => {
    const next = composeSettings(await reloadSettings(folder), environment, flags);
    const keys = await loadSecrets(folder, next, environmentKeys, log.warn);
    if (isDeepStrictEqual({ settings: next, secrets: keys }, inForce)) return;
    log.protect(keysOf(keys));
    log.setLevel(next.log.level);
    await gateway.apply(next, keys);
    log.info('The settings were changed and are in force.', { changed: changedParts(inForce, next, keys) });
    if (needsRestart(settings, next)) log.warn('A change of server.host or server.port takes effect after a restart.');
    if (!flags.demo && lacksKey(next, keys) !== demo)
      log.warn('Whether answers are simulated is decided at the start: restart Strelka to use the change of keys.');
    inForce = { settings: next, secrets: keys };
  };

  let last = Promise.resolve();
  const reloadInTurn = (): void => {
    last = last.then(reload).catch((error: unknown) => {
      log.warn(`${toStrelkaError(error).message} The settings in force stay.`);
    });
  };
  const watch = watchFolder(folder, [settingsFileName, keysFileName], reloadInTurn, (error) =>
    log.warn(`${path.join(folder, settingsFileName)} is not watched (${reasonOf(error)}): changes need a restart.`),
  );
  // An edit between the first reading and the watch would else be missed.
  reloadInTurn();

  const handlers: CommandHandlers = {
    status: () => gateway.status(),
    check: async () => {
      await gateway.check();
      return gateway.status();
    },
    setMode: async (mode) => {
      if (options.environment.STRELKA_MODE?.trim())
        refuse('STRELKA_MODE sets the mode: unset it and start again, or change it there.');
      await changeSettings(folder, { mode });
      // The watch would notice in a moment; the asker is answered when it is in force.
      reloadInTurn();
      await last;
      if (inForce.settings.mode !== mode) refuse('The mode is written down but not in force: see the log for why.');
    },
  };
  const control = await startControl({
    address: controlAddress(folder),
    answer: (command, values) => answerCommand(handlers, command, values),
  }).catch((error: unknown) => {
    log.warn(`"strelka status" and "strelka mode" can't reach this Strelka (${reasonOf(error)}).`);
    return undefined;
  });

  return {
    url: gateway.url,
    demo,
    stop: async (milliseconds) => {
      watch.stop();
      await control?.close();
      await gateway.drain(milliseconds);
    },
  };
}

/** @returns the names of the parts that differ, for the log; of keys only that they do */
function changedParts(before: { settings: Settings; secrets: Secrets }, settings: Settings, secrets: Secrets): string {
  const earlier = new Map(Object.entries(before.settings));
  const names = Object.entries(settings)
    .filter(([name, value]) => !isDeepStrictEqual(value, earlier.get(name)))
    .map(([name]) => name);
  return [...names, ...(isDeepStrictEqual(before.secrets, secrets) ? [] : ['keys'])].join(', ');
}
