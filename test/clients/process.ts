import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface Command {
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

export interface Outcome {
  /** null where a signal ended it. */
  exitCode: number | null;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

const running = new Set<ChildProcess>();
let interrupted = false;

/**
 * Runs a command to its end in a process group of its own, without standard input. It is killed with all that it
 * started on time-out, and whatever of its group outlives it is killed behind it.
 * @param outputFolder holds the output while it runs: files, unlike pipes, are not kept open by stray grandchildren
 * @throws where the command can't be started
 */
export async function runCommand(command: Command, timeoutMs: number, outputFolder: string): Promise<Outcome> {
  const files = [path.join(outputFolder, 'stdout.log'), path.join(outputFolder, 'stderr.log')] as const;
  const [out, err] = [await open(files[0], 'w'), await open(files[1], 'w')];
  try {
    const child = spawnGroup(command, ['ignore', out.fd, err.fd]);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killTree(child);
    }, timeoutMs);
    const exitCode = await endOf(child).finally(() => clearTimeout(timer));
    killTree(child);
    const [stdout, stderr] = [await readFile(files[0], 'utf8'), await readFile(files[1], 'utf8')];
    return { exitCode, timedOut, stdout, stderr };
  } finally {
    await out.close();
    await err.close();
  }
}

/**
 * Starts a command as the head of a process group that `killTree` and `interrupt` end.
 * @throws after an interruption
 */
export function spawnGroup(command: Command, stdio: ('ignore' | 'pipe' | number)[]): ChildProcess {
  if (interrupted) throw new Error('The run was interrupted.');
  const { cwd, env } = command;
  const child = spawn(command.command, command.args, { cwd, env, stdio, detached: true });
  running.add(child);
  return child;
}

/**
 * @returns the exit code, null where a signal ended it
 * @throws where it could not be started
 */
export function endOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode));
  });
}

/**
 * Kills the child, its descendants and every process left in its group. Descendants are looked for because a group
 * is not enough: OpenClaw goes on in a session of its own.
 */
export function killTree(child: ChildProcess): void {
  running.delete(child);
  if (child.pid === undefined) return; // It never started.
  const ended = child.exitCode !== null || child.signalCode !== null;
  const doomed = ended ? [] : descendantsOf(child.pid);
  for (const target of [-child.pid, ...doomed]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch (error) {
      // ESRCH: it has ended by itself, which is the usual case.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
}

/** @returns process ids, as Linux's /proc tells; none on systems without it */
function descendantsOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of existsSync('/proc/self/stat') ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // `pid (name) state ppid ...`; a name may hold brackets and spaces.
      const [, parent] = /\) \S (\d+) [^)]*$/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? [];
      parents.set(Number(entry), Number(parent));
    } catch {
      // It ended between the listing and the reading.
    }
  }
  const childrenOf = (parent: number): number[] =>
    [...parents.keys()].filter((candidate) => parents.get(candidate) === parent);
  const found = [pid];
  for (const parent of found) found.push(...childrenOf(parent));
  return found.slice(1);
}

/** Kills every group and lets no other start. Groups of their own don't get the terminal's Ctrl-C. */
export function interrupt(): void {
  interrupted = true;
  for (const child of running) killTree(child);
}
