import { parentPort, workerData } from 'node:worker_threads';
import { InProcess } from './in-process.ts';
import { type Check, checkChunking, checkMutation, checkTruncation, type Failure, readStreams } from './properties.ts';

const checks = { chunking: checkChunking, mutation: checkMutation, truncation: checkTruncation };

export interface SeedsTask {
  property: keyof typeof checks;
  seeds: number[];
  /** The seed that runs now, for the watcher of a hang. */
  current: Int32Array;
}

const { property, seeds, current }: SeedsTask = workerData;
const check: Check = checks[property];
const samples = await readStreams();
const gateway = await InProcess.start();
let failure: Failure | undefined;
for (const seed of seeds) {
  Atomics.store(current, 0, seed);
  try {
    failure = await check(seed, gateway, samples);
  } catch (thrown) {
    failure = { seed, sample: '', what: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }
  if (failure) break;
}
await gateway.close();
parentPort?.postMessage(failure ?? null);
