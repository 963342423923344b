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
  /** How many of them are failures, and how many count. On most days there is no failure, and then no need to look. */
  #failed = 0;
  #counted = 0;

  push(at: number, failure: Failure | null, weight: Weight = 'answer'): void {
    const outcome = { at, weight, failure };
    this.#outcomes.push(outcome);
    this.#count(outcome, 1);
    if (this.#outcomes.length <= kept) return;
    const oldest = this.#outcomes.shift();
    if (oldest) this.#count(oldest, -1);
  }

  #count({ weight, failure }: Outcome, change: 1 | -1): void {
    if (failure !== null) this.#failed += change;
    if (weight === 'answer' || failure !== null) this.#counted += change;
  }

  /** Forgets what is older than the window. */
  prune(now: number, windowMs: number): void {
    const oldest = now - windowMs;
    if ((this.#outcomes[0]?.at ?? now) >= oldest) return;
    this.#keep(this.#outcomes.filter(({ at }) => at >= oldest));
  }

  clear(): void {
    this.#keep([]);
  }

  #keep(outcomes: Outcome[]): void {
    this.#outcomes = outcomes;
    this.#failed = 0;
    this.#counted = 0;
    for (const outcome of outcomes) this.#count(outcome, 1);
  }

  /** @returns the failures since the last success, newest first */
  trailing(): Failure[] {
    const failures: Failure[] = [];
    if (this.#failed === 0) return failures;
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
    if (this.#failed === 0) return { failures: [], n: this.#counted };
    const failures = this.#outcomes.flatMap(({ failure }) => (failure === null ? [] : [failure]));
    return { failures: failures.toReversed(), n: this.#counted };
  }

  /** When the newest failure came; undefined where there is none. */
  get lastFailureAt(): number | undefined {
    if (this.#failed === 0) return undefined;
    return this.#outcomes.findLast(({ failure }) => failure !== null)?.at;
  }
}
