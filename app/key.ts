import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { makeDataFolder } from './service/data-folder.ts';
import { loadClientKey, readEnvironmentKeys, saveUpstreamKeys } from './service/secrets.ts';

/**
 * Prints the key that clients must present: the one place where Strelka shows it.
 * @throws StrelkaError `settings-unusable` where keys.json cannot be used
 */
export async function printKey(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const keys = readEnvironmentKeys(environment);
  await makeDataFolder(folder);
  process.stdout.write(`${await loadClientKey(folder, keys, tell)}\n`);
}

/**
 * Keeps an upstream's key from standard input: on a command line it would stand in the shell's history.
 * @throws StrelkaError `settings-unusable` where no usable key comes or keys.json cannot be written
 */
export async function setKey(folder: string, upstream: string): Promise<void> {
  const input = process.stdin.isTTY
    ? await askUnseen(`Paste the key for ${upstream}, then Enter: `)
    : await text(process.stdin);
  await makeDataFolder(folder);
  const count = await saveUpstreamKeys(folder, upstream, input);
  tell(`${count === 1 ? 'The key' : `${count} keys`} for ${upstream} ${count === 1 ? 'is' : 'are'} kept in ${folder}.`);
}

function tell(message: string): void {
  process.stderr.write(`strelka: ${message}\n`);
}

/** Asks on a terminal without showing what is typed. Ctrl+C and Ctrl+D answer with nothing. */
function askUnseen(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      process.stderr.write('\n');
      resolve('');
    });
  });
}
