import type { ErrorKind } from '../errors.ts';
import { blameOf } from './blame.ts';
import type { Target } from './routes.ts';
import { type Fault, failureOf, type Passes, type Watch, type Watches } from './watches.ts';

/** An upstream, or one model on it. */
export type ProbeSubject = { upstream: string } | { target: Target };
export type ProbeOutcome = { ok: true } | ({ ok: false } & Fault);

/** An attempt under way. */
export interface Attempted {
  target: Target;
  passes: Passes;
  startedAt: number;
}

/** After a suspend, networks and servers take a while: failures of this time don't count. */
const graceMs = 10_000;

/** Enters outcomes where they count: into breakers, records and counts. */
export class Ledger {
  readonly counts = {
    attempts: 0,
    good: 0,
    bad: 0,
    neutral: 0,
    afterCommit: 0,
    trials: 0,
  };
  readonly #watches: Watches;
  #suspended = false;
  #resumedAt = Number.NEGATIVE_INFINITY;

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  begin(target: Target, now: number): Attempted {
    const passes = this.#watches.enter(target, now);
    this.counts.attempts += 1;
    if (passes.upstream.lease !== null || passes.target.lease !== null) this.counts.trials += 1;
    return { target, passes, startedAt: now };
  }

  good({ target, passes }: Attempted, ttftMs: number, now: number): void {
    this.counts.good += 1;
    this.#watches.upstream(target.upstream).record.good(now, ttftMs);
    this.#watches.target(target).record.good(now, ttftMs);
    this.#watches.good(target, passes, now);
  }

  bad({ target, passes, startedAt }: Attempted, fault: Fault, now: number): void {
    if (blameOf(fault.kind) === 'none' || this.#isExcused(fault.kind, startedAt, now)) {
      this.counts.neutral += 1;
      this.#watches.leave(target, passes);
      return;
    }
    this.counts.bad += 1;
    const failure = failureOf(fault, target.model);
    this.#watches.upstream(target.upstream).record.bad(now, failure);
    this.#watches.target(target).record.bad(now, failure);
    this.#watches.bad(target, fault, passes, now);
  }

  neutral({ target, passes }: Attempted): void {
    this.counts.neutral += 1;
    this.#watches.leave(target, passes);
  }

  /**
   * A probe of an upstream is a list of models: it shows that the server is there and its key good. One of a target is an
   * answer, and counts as a trial.
   */
  probed(subject: ProbeSubject, outcome: ProbeOutcome, now: number): void {
    if (!outcome.ok) {
      if (blameOf(outcome.kind) === 'none' || this.#isExcused(outcome.kind, now, now)) return;
      this.watchOf(subject).record.noteError(now, failureOf(outcome, null));
    }
    if ('target' in subject) {
      if (outcome.ok) this.#watches.good(subject.target, null, now);
      else this.#watches.bad(subject.target, outcome, null, now);
      return;
    }
    const { breaker } = this.#watches.upstream(subject.upstream);
    const blame = outcome.ok ? 'none' : blameOf(outcome.kind);
    if (outcome.ok) breaker.good(now, 'list');
    else if (blame === 'key') breaker.refuse(failureOf(outcome, null), 'list');
    // That a server has no list, or an odd one, is no illness.
    else if (blame !== 'target') breaker.bad(now, failureOf(outcome, null), 'list');
  }

  watchOf(subject: ProbeSubject): Watch {
    return 'target' in subject ? this.#watches.target(subject.target) : this.#watches.upstream(subject.upstream);
  }

  /** The machine goes to sleep: what fails from now on fails because of that. */
  suspend(): void {
    this.#suspended = true;
  }

  resume(now: number): void {
    this.#suspended = false;
    this.#resumedAt = now;
  }

  /** Connections from before a sleep are dead, whenever that shows. What a server says about a key stays true. */
  #isExcused(kind: ErrorKind, startedAt: number, now: number): boolean {
    if (blameOf(kind) === 'key') return false;
    return this.#suspended || startedAt < this.#resumedAt || now < this.#resumedAt + graceMs;
  }
}
