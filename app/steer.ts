import { toStrelkaError } from '../proxy/errors.ts';
import { askService, NotRunning } from './control-client.ts';
import { commandSchemas, type Mode } from './service/commands.ts';
import { makeDataFolder } from './service/data-folder.ts';
import { refuse } from './service/refusal.ts';
import { changeSettings } from './service/settings-file.ts';
import { describeStatus } from './status-text.ts';

/**
 * `strelka status`: prints what the running service tells of itself.
 * @throws StrelkaError `settings-unusable` where none runs
 */
export async function printStatus(folder: string, json: boolean): Promise<void> {
  const status = commandSchemas.status.result.parse(await ask(folder, 'status'));
  process.stdout.write(json ? `${JSON.stringify(status)}\n` : describeStatus(status));
}

/**
 * `strelka mode`: what the user wants, at once for new exchanges and kept. Without a running service it is written down
 * for the next start.
 */
export async function setMode(folder: string, mode: Mode): Promise<void> {
  try {
    commandSchemas.mode.result.parse(await askService(folder, 'mode', { mode }));
    process.stdout.write(`The mode is ${mode}.\n`);
  } catch (thrown) {
    if (!(thrown instanceof NotRunning)) refuse(toStrelkaError(thrown).message, thrown);
    if (process.env.STRELKA_MODE) refuse('STRELKA_MODE sets the mode: unset it, or change it there.');
    await makeDataFolder(folder);
    await changeSettings(folder, { mode });
    process.stdout.write(`The mode will be ${mode}: no Strelka runs on ${folder} now.\n`);
  }
}

async function ask(folder: string, command: string): Promise<unknown> {
  try {
    return await askService(folder, command);
  } catch (thrown) {
    return refuse(thrown instanceof NotRunning ? thrown.message : toStrelkaError(thrown).message, thrown);
  }
}
