import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TestContext } from 'node:test';

export const cli = path.join(import.meta.dirname, '..', '..', 'app', 'cli.ts');

export interface StrelkaProcess {
  child: ChildProcess;
  /** All that came so far. */
  stdout(): string;
  stderr(): string;
  /** Resolves with the parsed ready line; rejects where the process ends before it. */
  ready(): Promise<{ event: string; url: string; dashboard: string | null; pid: number }>;
  /** Resolves when stderr matches; rejects where the process ends before it. */
  says(pattern: RegExp): Promise<void>;
  /** Resolves with the exit code, or null where a signal killed the process. */
  ended(): Promise<number | null>;
}

/**
 * Runs the real command in a process of its own. Nothing of the environment reaches it but what it cannot do without.
 * @param input what it reads from standard input
 */
export function runStrelka(
  test: TestContext,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  input = '',
): StrelkaProcess {
  const { PATH, SystemRoot, TEMP, HOME } = process.env;
  const child = spawn(process.execPath, [cli, ...words], {
    env: { PATH, SystemRoot, TEMP, HOME, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  test.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await closed;
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(input);

  const until = async (stream: NodeJS.ReadableStream, done: () => boolean): Promise<void> => {
    while (!done()) {
      const ended = await Promise.race([once(stream, 'data').then(() => false), closed.then(() => true)]);
      if (ended && !done()) throw new Error(`strelka ${words.join(' ')} ended with ${child.exitCode}: ${stderr}`);
    }
  };
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    ready: async () => {
      await until(child.stdout, () => stdout.includes('\n'));
      return JSON.parse(stdout.slice(0, stdout.indexOf('\n')));
    },
    says: (pattern) => until(child.stderr, () => pattern.test(stderr)),
    ended: async () => {
      await closed;
      return child.exitCode;
    },
  };
}
