import type { Clock } from '../../../proxy/upstream/rate-limit.ts';

interface Timer {
  at: number;
  act: () => void;
}

/** Time that stands still until a test lets it pass. Between two timers everything that was promised happens. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #late: () => number;
  #now = 1000;

  /** @param late by how many milliseconds a timer fires after its time, as real ones do */
  constructor(late: () => number = () => 0) {
    this.#late = late;
  }

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, milliseconds) + this.#late(), act };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers run: nothing that is over may leave one behind. */
  get timers(): number {
    return this.#timers.size;
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.act();
      await settle();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    return next;
  }
}

/** Lets everything happen that waits for no timer. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Numbers from 0 to 1 that are the same in each run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** @returns the most arrivals that any window of this length sees */
export function busiestWindow(arrivals: readonly number[], windowMs: number): number {
  const sorted = arrivals.toSorted((one, other) => one - other);
  let from = 0;
  return sorted.reduce((most, at, index) => {
    while ((sorted[from] ?? at) <= at - windowMs) from += 1;
    return Math.max(most, index - from + 1);
  }, 0);
}
