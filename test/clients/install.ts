import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type Outcome, runCommand } from './process.ts';

export interface ClientPackage {
  /** On npm. */
  name: string;
  version: string;
  /** The command that it installs. */
  binary: string;
}

export type Installation = { binary: string } | { skipped: string };

const installTimeoutMs = 600_000;
const versionTimeoutMs = 60_000;

/**
 * Finds a client in the cache, or installs its exact version there with npm on the Node of this process (npm on an
 * older Node silently picks older versions of optional dependencies; protocol.md 7). A half-done installation never
 * stays: it is made aside, asked for its version and moved in place.
 * @returns the path of the client's command, or why there is none
 */
export async function installClient(client: ClientPackage): Promise<Installation> {
  const folder = path.join(cacheFolder(), `${client.name.replaceAll('/', '-')}-${client.version}`);
  const binary = path.join('node_modules', '.bin', client.binary);
  if (await exists(path.join(folder, binary))) return { binary: path.join(folder, binary) };

  await mkdir(cacheFolder(), { recursive: true });
  const aside = await mkdtemp(`${folder}.installing-`);
  try {
    const manifest = {
      private: true,
      dependencies: { [client.name]: client.version },
      // npm 11 asks for consent to install scripts; these fetch or place the client's own binary.
      allowScripts: { [client.name]: true },
    };
    await writeFile(path.join(aside, 'package.json'), JSON.stringify(manifest));
    const args = [
      'install',
      '--prefix',
      aside,
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      '--fetch-retries=1',
      '--loglevel=error',
    ];
    const installed = await runCommand({ command: 'npm', args, cwd: aside, env: nodeFirst() }, installTimeoutMs, aside);
    if (installed.exitCode !== 0) return { skipped: `npm could not install it: ${reasonOf(installed)}` };

    const command = { command: path.join(aside, binary), args: ['--version'], cwd: aside, env: nodeFirst() };
    const asked = await runCommand(command, versionTimeoutMs, aside);
    if (asked.exitCode !== 0 || !asked.stdout.includes(client.version)) {
      return { skipped: `it was installed but does not run here: ${reasonOf(asked)}` };
    }
    await rename(aside, folder);
    return { binary: path.join(folder, binary) };
  } catch (error) {
    return { skipped: `it could not be installed: ${error instanceof Error ? error.message : String(error)}` };
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** @returns the environment of this process with this process's Node first on PATH */
export function nodeFirst(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH ?? ''}` };
}

function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return process.env.STRELKA_CLIENTS_CACHE || path.join(base, 'strelka-clients');
}

function reasonOf(outcome: Outcome): string {
  if (outcome.timedOut) return 'it took too long';
  const lines = `${outcome.stderr}\n${outcome.stdout}`.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.filter((line) => /error/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(0, 3).join(' / ') || `exit code ${outcome.exitCode}`;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
