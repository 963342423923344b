import type { ErrorKind } from '../errors.ts';

/** A failure that counts. */
export interface Failure {
  kind: ErrorKind;
  /** HTTP status of the upstream's answer, where there was one. */
  status: number | null;
  /** The model that may be alone at fault; null where the whole upstream is. */
  model: string | null;
}

/**
 * How much an outcome says. A list of models that came proves that the server is there, not that it answers: it can undo
 * failures of its own sort only, never those of answers.
 */
export type Weight = 'answer' | 'list';

interface Outcome {
  at: number;
  weight: Weight;
  /** Null: it went well. */
  failure: Failure | null;
}

/** More outcomes than this say nothing new. */
const kept = 256;

/** The recent outcomes of an upstream or a target. It slides: old successes never hide a new outage (peers.md 2, cc-switch). */
export class OutcomeWindow {
  #outcomes: Outcome[] = [];

  push(at: number, failure: Failure | null, weight: Weight = 'answer'): void {
    this.#outcomes.push({ at, weight, failure });
    if (this.#outcomes.length > kept) this.#outcomes.shift();
  }

  /** Forgets what is older than the window. */
  prune(now: number, windowMs: number): void {
    const oldest = now - windowMs;
    if ((this.#outcomes[0]?.at ?? now) >= oldest) return;
    this.#outcomes = this.#outcomes.filter(({ at }) => at >= oldest);
  }

  clear(): void {
    this.#outcomes = [];
  }

  /** @returns the failures since the last success, newest first */
  trailing(): Failure[] {
    const failures: Failure[] = [];
    let listCame = false;
    for (const { weight, failure } of this.#outcomes.toReversed()) {
      if (failure === null) {
        if (weight === 'answer') break;
        listCame = true;
      } else if (weight === 'answer' || !listCame) failures.push(failure);
    }
    return failures;
  }

  /** @returns all failures, newest first, and of how many outcomes; lists that came don't dilute them */
  tally(): { failures: Failure[]; n: number } {
    const counted = this.#outcomes.filter(({ weight, failure }) => weight === 'answer' || failure !== null);
    const failures = counted.flatMap(({ failure }) => (failure === null ? [] : [failure]));
    return { failures: failures.toReversed(), n: counted.length };
  }

  /** When the newest failure came; undefined where there is none. */
  get lastFailureAt(): number | undefined {
    return this.#outcomes.findLast(({ failure }) => failure !== null)?.at;
  }
}
