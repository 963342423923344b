import { open } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { models } from './client.ts';
import { type Command, endOf, killTree, spawnGroup } from './process.ts';

export interface Gateway extends AsyncDisposable {
  /** Without a version: http://127.0.0.1:PORT */
  url: string;
  /**
   * Asks it to end, as a service manager would.
   * @returns its exit code, null where a signal ended it
   * @throws where it does not end; it is killed then
   */
  stop(): Promise<number | null>;
}

const readySchema = z.looseObject({ event: z.literal('listening'), url: z.url() });
const startTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;
const root = path.join(import.meta.dirname, '..', '..');

/**
 * Starts `strelka serve` as a user would: environment, ready line (design.md, "The outside contract"). Retries, rate
 * limit and fallback are off, so that every fault shows.
 * @param upstreamUrl with the version
 * @param folder for its data
 * @param logFile takes its stderr
 * @throws where it ends or stays silent instead of saying that it listens
 */
export async function startGateway(
  upstreamUrl: string,
  key: string,
  folder: string,
  logFile: string,
): Promise<Gateway> {
  const log = await open(logFile, 'w');
  const child = spawnGroup(serveCommand(upstreamUrl, key, folder), ['ignore', 'pipe', log.fd]);
  await log.close();
  const ended = endOf(child);
  try {
    const firstLine = new Promise<string>((resolve, reject) => {
      if (child.stdout === null) throw new Error('The gateway has no standard output.');
      createInterface(child.stdout).once('line', resolve);
      ended.then((code) => reject(new Error(`The gateway ended with ${code} before it was ready.`)), reject);
    });
    const line = await within(startTimeoutMs, 'The gateway did not say that it listens.', firstLine);
    const { url } = readySchema.parse(JSON.parse(line));
    const stop = async () => {
      child.kill('SIGTERM');
      return within(stopTimeoutMs, 'The gateway did not end on SIGTERM.', ended).finally(() => killTree(child));
    };
    return { url, stop, [Symbol.asyncDispose]: async () => killTree(child) };
  } catch (error) {
    killTree(child);
    throw error;
  }
}

function serveCommand(upstreamUrl: string, key: string, folder: string): Command {
  return {
    command: process.execPath,
    args: [path.join(root, 'app', 'cli.ts'), 'serve', '--port', '0', '--data', folder],
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      OPENAI_BASE_URL: upstreamUrl,
      OPENAI_API_KEY: 'upstream-key',
      ANTHROPIC_API_KEY: key,
      BIG_MODEL: models.big,
      MIDDLE_MODEL: models.middle,
      SMALL_MODEL: models.small,
      OLLAMA_MODEL: '',
      RATE_LIMIT_RPS: '0',
      MAX_RETRIES: '0',
    },
  };
}

async function within<T>(timeoutMs: number, complaint: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(complaint)), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
