import { parseArgs } from 'node:util';
import { type Mode, modeSchema } from './service/commands.ts';
import { wholeNumber } from './service/environment-values.ts';

export type Command =
  | { name: 'serve'; host?: string; port?: number; data?: string; demo: boolean; dashboard: boolean }
  | { name: 'key'; data?: string }
  | { name: 'key set'; upstream: string; data?: string }
  | { name: 'status'; json: boolean; data?: string }
  | { name: 'mode'; mode: Mode; data?: string }
  | { name: 'help' }
  | { name: 'version' };

export const usage = `Usage:
  strelka serve [--port N] [--host H] [--data DIR] [--dashboard [PORT]] [--demo]
      Runs the gateway without a window. Port 0 takes a free one. --demo answers from simulated upstreams.
  strelka status [--json] [--data DIR]
      Tells how the upstreams are and who answers.
  strelka mode auto|cloud|local [--data DIR]
      Says who may answer: cloud.ru with Ollama standing in, cloud.ru alone, or Ollama alone. It is kept.
  strelka key [--data DIR]
      Prints the key that clients must present.
  strelka key set UPSTREAM [--data DIR]
      Keeps the upstream's key (say, cloudru) from standard input in keys.json.
  strelka help | --help | --version

Without --data, the data folder is STRELKA_HOME or the platform's usual place. docs/settings.md tells the rest.
`;

/**
 * Reads the command line.
 * @param words what follows `strelka`
 * @returns the command, or what is wrong with the words (exit 2)
 */
export function readCommand(words: readonly string[]): Command | { problem: string } {
  const [name, ...rest] = words;
  if (name === undefined) return { problem: 'A command is missing.' };
  if (name === 'help' || rest.includes('--help') || name === '--help' || name === '-h') return { name: 'help' };
  if (name === '--version' || name === '-v') return { name: 'version' };
  try {
    if (name === 'serve') return readServe(rest);
    if (name === 'key') return readKey(rest);
    if (name === 'status') return readStatus(rest);
    if (name === 'mode') return readMode(rest);
  } catch (error) {
    // parseArgs throws for unknown flags and missing values, in a sentence of its own.
    return { problem: error instanceof Error ? firstSentence(error.message) : String(error) };
  }
  return { problem: `There is no command "${name}": there are serve, status, mode, key and help.` };
}

function readServe(words: readonly string[]): Command | { problem: string } {
  const { values } = parseArgs({
    args: withDashboardPort(words),
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      data: { type: 'string' },
      dashboard: { type: 'string' },
      demo: { type: 'boolean', default: false },
    },
  });
  const { host, data, demo, dashboard } = values;
  if (host?.trim() === '') return { problem: '--host must be an address, such as 127.0.0.1.' };
  if (data?.trim() === '') return { problem: '--data must be a folder.' };
  const port = wholeNumber(0, 65_535);
  for (const [flag, text] of [
    ['--port', values.port],
    ['--dashboard', dashboard === '' ? undefined : dashboard],
  ])
    if (text !== undefined && port.read(text) === undefined)
      return { problem: `${flag} must be ${port.wanted}, not "${text}".` };
  return {
    name: 'serve',
    demo,
    dashboard: dashboard !== undefined,
    ...(host === undefined ? {} : { host }),
    ...(data === undefined ? {} : { data }),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
  };
}

/** parseArgs knows no optional values: `--dashboard` alone becomes `--dashboard=`, and takes a number that follows. */
function withDashboardPort(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    if (joined.at(-1) === '--dashboard=' && /^\d+$/.test(word)) joined[joined.length - 1] += word;
    else joined.push(word === '--dashboard' ? '--dashboard=' : word);
  }
  return joined;
}

function readKey(words: readonly string[]): Command | { problem: string } {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { data: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.data?.trim() === '') return { problem: '--data must be a folder.' };
  const data = values.data === undefined ? {} : { data: values.data };
  const [action, upstream, ...more] = positionals;
  if (action === undefined) return { name: 'key', ...data };
  if (action !== 'set') return { problem: `strelka key knows "set" only, not "${action}".` };
  if (upstream === undefined) return { problem: 'strelka key set needs the upstream the key is for, such as cloudru.' };
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(upstream))
    return { problem: `"${upstream}" cannot be an upstream: its id is made of lower-case letters, digits and dashes.` };
  // The key itself on the command line would stand in the shell's history and in the list of processes.
  if (more.length > 0)
    return { problem: 'strelka key set reads the key from standard input, not from the command line.' };
  return { name: 'key set', upstream, ...data };
}

function readStatus(words: readonly string[]): Command | { problem: string } {
  const { values } = parseArgs({
    args: [...words],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  if (values.data?.trim() === '') return { problem: '--data must be a folder.' };
  return { name: 'status', json: values.json, ...(values.data === undefined ? {} : { data: values.data }) };
}

function readMode(words: readonly string[]): Command | { problem: string } {
  const { values, positionals } = parseArgs({
    args: [...words],
    options: { data: { type: 'string' } },
    allowPositionals: true,
  });
  if (values.data?.trim() === '') return { problem: '--data must be a folder.' };
  const mode = modeSchema.safeParse(positionals[0]);
  if (!mode.success || positionals.length > 1) return { problem: 'strelka mode needs one of auto, cloud and local.' };
  return { name: 'mode', mode: mode.data, ...(values.data === undefined ? {} : { data: values.data }) };
}

function firstSentence(text: string): string {
  return `${text.split(/\.\s|\n/)[0]?.replace(/\.$/, '') ?? text}.`;
}
