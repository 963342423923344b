import type { ErrorKind } from '../errors.ts';
import { type Failure, OutcomeWindow } from './outcome-window.ts';

/** Answers that the times are of. */
const keptTimes = 100;

/** What happened at an upstream or a target of late, whoever was to blame: for people, and for waits that fit a model. */
export class TrackRecord {
  readonly #outcomes = new OutcomeWindow();
  readonly #firstPartMs: number[] = [];
  /** `at` is of the supervisor's clock. */
  lastError: { kind: ErrorKind; status: number | null; at: number } | null = null;

  good(now: number, ttftMs: number): void {
    this.#outcomes.push(now, null);
    this.#firstPartMs.push(ttftMs);
    if (this.#firstPartMs.length > keptTimes) this.#firstPartMs.shift();
  }

  bad(now: number, failure: Failure): void {
    this.#outcomes.push(now, failure);
    this.noteError(now, failure);
  }

  /** A failed probe is worth telling and no outcome of a request. */
  noteError(now: number, { kind, status }: Failure): void {
    this.lastError = { kind, status, at: now };
  }

  /** @returns the share of failures within the window, null where nothing happened in it, and of how many outcomes */
  rate(now: number, windowMs: number): { errorRate: number | null; n: number } {
    this.#outcomes.prune(now, windowMs);
    const { failures, n } = this.#outcomes.tally();
    return { errorRate: n === 0 ? null : failures.length / n, n };
  }

  /**
   * @param share 0.95 gives the time that 95 of 100 answers did not exceed
   * @returns milliseconds to the first part, or undefined where too few answers came to tell
   */
  firstPartMs(share: number, atLeast = 1): number | undefined {
    if (this.#firstPartMs.length < atLeast) return undefined;
    const sorted = this.#firstPartMs.toSorted((one, other) => one - other);
    return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  }
}
