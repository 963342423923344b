import { homedir } from 'node:os';
import { StrelkaError } from '../proxy/errors.ts';
import { readCommand, usage } from './arguments.ts';
import { printKey, setKey } from './key.ts';
import { serve } from './serve.ts';
import { locateDataFolder } from './service/data-folder.ts';
import { createRedactor } from './service/redact.ts';
import { printStatus, setMode } from './steer.ts';
import { readVersion } from './version.ts';

/**
 * The one command. Exit codes: 0 done, 1 refused with one line on stderr, 2 wrong usage.
 * @param words what follows `strelka`
 */
export async function run(words: readonly string[]): Promise<void> {
  const command = readCommand(words);
  if ('problem' in command) {
    // A key may have been typed where it does not belong.
    process.stderr.write(`strelka: ${createRedactor().text(command.problem)}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  try {
    switch (command.name) {
      case 'help':
        process.stdout.write(usage);
        return;
      case 'version':
        process.stdout.write(`${readVersion()}\n`);
        return;
      case 'key':
        return await printKey(folderOf(command.data), process.env);
      case 'key set':
        return await setKey(folderOf(command.data), command.upstream);
      case 'status':
        return await printStatus(folderOf(command.data), command.json);
      case 'mode':
        return await setMode(folderOf(command.data), command.mode);
      case 'serve':
        return await serve({ ...command, folder: folderOf(command.data) });
    }
  } catch (error) {
    if (!(error instanceof StrelkaError) || error.kind !== 'settings-unusable') throw error;
    process.stderr.write(`strelka: ${createRedactor().text(error.message)}\n`);
    process.exit(1);
  }
}

function folderOf(data: string | undefined): string {
  return locateDataFolder(data, { environment: process.env, platform: process.platform, homeFolder: homedir() });
}

if (import.meta.main) await run(process.argv.slice(2));
