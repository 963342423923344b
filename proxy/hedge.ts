import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from './part.ts';

/** One of two attempts that run at the same time. */
export interface Runner {
  parts: AsyncGenerator<Part[], void>;
  /** Ends it: the other one has answered. */
  drop(): void;
}

export interface HedgeOptions {
  first: Runner;
  /** Begins the second attempt; undefined where there is no other target. */
  second: () => Runner | undefined;
  /** Milliseconds that the first may take for its first word before the second is asked as well. */
  afterMs: number;
  /** Hears which one answers, before anything of it is given out. */
  onWinner: (runner: Runner) => void;
  /** Hears of one that failed while the other was still at work. */
  onFailure: (runner: Runner, error: unknown) => void;
}

type First = { runner: Runner } & ({ batch: IteratorResult<Part[], void> } | { error: unknown });

/**
 * Asks a second target as well when the first is later than usual, and gives out the answer that begins first (issue 4,
 * "hedging"). Only before the commit: an answer is never made of both.
 * @throws what the last one to fail threw
 */
export async function* runHedged(options: HedgeOptions): AsyncGenerator<Part[], void> {
  const { first, afterMs, onWinner, onFailure } = options;
  const beginning = begin(first);
  const second = (await isLate(beginning, afterMs)) ? options.second() : undefined;
  const racing = new Map([[first, beginning], ...(second ? [[second, begin(second)] as const] : [])]);
  for (;;) {
    const next = await Promise.race(racing.values());
    racing.delete(next.runner);
    if ('batch' in next) {
      for (const loser of racing.keys()) loser.drop();
      onWinner(next.runner);
      yield* goOn(next.runner, next.batch);
      return;
    }
    if (racing.size === 0) {
      onWinner(next.runner);
      throw next.error;
    }
    onFailure(next.runner, next.error);
  }
}

async function begin(runner: Runner): Promise<First> {
  try {
    return { runner, batch: await runner.parts.next() };
  } catch (error) {
    return { runner, error };
  }
}

async function isLate(beginning: Promise<First>, afterMs: number): Promise<boolean> {
  const done = new AbortController();
  const late = sleep(afterMs, true, { signal: done.signal }).catch(() => false);
  const result = await Promise.race([beginning.then(() => false), late]);
  done.abort();
  return result;
}

async function* goOn(runner: Runner, first: IteratorResult<Part[], void>): AsyncGenerator<Part[], void> {
  try {
    for (let batch = first; !batch.done; batch = await runner.parts.next()) yield batch.value;
  } finally {
    await runner.parts.return();
  }
}
