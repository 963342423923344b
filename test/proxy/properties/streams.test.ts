import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { observe } from '../../cases/observe.ts';
import { startCaseUpstream } from '../../fakes/case-upstream.ts';
import { post, startTestGateway } from '../../fakes/gateway.ts';
import { makeRandom } from '../repair/pipe.ts';
import { mutate, pick } from './mutation.ts';
import { type Failure, findFault, readStreams } from './properties.ts';
import type { SeedsTask } from './seeds-worker.ts';

/**
 * Issue 3, "What it must show": 20,000 seeded runs. A failing seed is printed; STRELKA_SEED=123 runs that seed alone.
 */
const wanted = process.env.STRELKA_SEED === undefined ? undefined : Number(process.env.STRELKA_SEED);
const threads = 2;
/** A run takes a millisecond; one that is still at the same seed after this long hangs. */
const hangMs = 30_000;

const seedsOf = (count: number): number[] =>
  wanted === undefined ? Array.from({ length: count }, (_, seed) => seed) : [wanted];

async function runSeeds(property: SeedsTask['property'], count: number): Promise<void> {
  const seeds = seedsOf(count);
  const shares = Array.from({ length: threads }, (_, thread) => seeds.filter((_seed, at) => at % threads === thread));
  await Promise.all(shares.filter((share) => share.length > 0).map((share) => runShare(property, share)));
}

/** In a thread of its own, so that even a loop without an end is seen and told. */
async function runShare(property: SeedsTask['property'], seeds: number[]): Promise<void> {
  const current = new Int32Array(new SharedArrayBuffer(4));
  const task: SeedsTask = { property, seeds, current };
  const worker = new Worker(path.join(import.meta.dirname, 'seeds-worker.ts'), { workerData: task });
  let watch: NodeJS.Timeout | undefined;
  try {
    const failure = await new Promise<Failure | null>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      let last = -1;
      watch = setInterval(() => {
        const now = Atomics.load(current, 0);
        if (now === last) reject(new Error(`STRELKA_SEED=${now}: the run hangs`));
        last = now;
      }, hangMs);
    });
    assert.equal(failure, null, failure ? `STRELKA_SEED=${failure.seed} ${failure.sample}: ${failure.what}` : '');
  } finally {
    clearInterval(watch);
    await worker.terminate();
  }
}

describe('answers of broken upstreams', () => {
  it('are the same message for any chunking', () => runSeeds('chunking', 6_000));

  it('end soundly or with one error for any mutation', () => runSeeds('mutation', 11_000));

  it('hold no call that was never made, wherever they are cut', () => runSeeds('truncation', 3_000));

  it('do so over real HTTP too', async () => {
    const samples = await readStreams();
    const upstream = await startCaseUpstream();
    const gateway = await startTestGateway(upstream.baseUrl);
    try {
      for (const seed of seedsOf(300)) {
        const random = makeRandom(seed);
        const sample = samples[pick(samples.length, random)];
        assert.ok(sample);
        const { pieces, isReset } = mutate(sample, random, samples);
        const { disconnect: _disconnect, ...wire } = sample.upstream;
        upstream.play({ ...sample, upstream: isReset ? { ...wire, disconnect: 'reset' } : wire }, () => [...pieces]);
        const response = await post(gateway, '/v1/messages', sample.request);
        const type = response.headers.get('content-type') ?? '';
        const fault = findFault(observe(response.status, type, await response.text(), sample.stream));
        assert.equal(fault, undefined, `STRELKA_SEED=${seed} ${sample.id}: ${fault}`);
      }
    } finally {
      await gateway.drain(0);
      await upstream.close();
    }
  });
});
