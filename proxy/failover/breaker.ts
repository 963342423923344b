import type { FailoverCause } from '../contract/failover.ts';
import type { Settings } from '../contract/settings.ts';
import type { BreakerState, Lease, Standing } from './breaker-state.ts';
import { type Failure, OutcomeWindow, type Weight } from './outcome-window.ts';
import { blamesUpstream, findTrip, isWorrying } from './trip.ts';

export interface BreakerRules extends Omit<Settings['failover'], 'takeover' | 'hedge'> {
  /** A trial that has lasted longer gives its place away. */
  leaseMs: number;
}

export interface BreakerOptions {
  /** What is in force now. */
  rules: () => BreakerRules;
  /** How many models are known on the upstream that is watched; null where one target is. */
  models: () => number | null;
  onChange: (from: BreakerState, to: BreakerState, cause: FailoverCause) => void;
}

/** What a request got when it entered; its outcome comes back with it. */
export interface Pass {
  readonly era: number;
  readonly lease: Lease | null;
}

/** Where an outcome comes from: a request, or a probe that got an answer or a list of models. */
export type Evidence = Pass | Weight;

/** While recovering, so many failures in a row open it again. */
const recoveryStrikes = 2;
/** A recovery in which more than one outcome in ten is bad begins anew. */
const recoveryTolerance = 0.1;

/**
 * One circuit breaker (issue 4, point 2). It has no timer: what time changes shows at the next call. All times are of the
 * caller's clock, in milliseconds.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #window = new OutcomeWindow();
  #state: BreakerState = { value: 'closed' };
  /** Outcomes of requests that began before the last opening or closing by force say nothing about what came after. */
  #era = 0;
  /** An opening within a hold after the closing is the same outage: the backoff goes on. */
  #relapse: { attempt: number; until: number } | undefined;
  /** How often that happened in a row. Each time doubles the hold: what comes and goes has to stay for longer. */
  #relapses = 0;
  /** A list ended a key state and no answer has come since: lists may need no key there. */
  #listIsDoubtful = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** @returns how a request would be taken now; changes nothing */
  standing(now: number): Standing {
    const state = this.#state;
    switch (state.value) {
      case 'closed':
      case 'degraded':
        return { door: 'open' };
      case 'open':
        return now >= state.until ? { door: 'trial' } : { door: 'shut', due: state.until };
      case 'half-open':
        return this.#hasRoom(state, now) ? { door: 'trial' } : { door: 'shut', due: now };
      case 'recovering':
        if (now >= state.until) return { door: 'open' };
        return { door: 'ramp', share: (now - state.since) / (state.until - state.since) };
      case 'key':
        return { door: 'shut', due: Number.POSITIVE_INFINITY };
      case 'held':
        return { door: state.as === 'open' ? 'locked' : 'open' };
    }
  }

  /** Lets a request in, whatever the standing: the caller has decided. It becomes a trial where one is due and has room. */
  enter(now: number): Pass {
    if (this.#state.value === 'open' && now >= this.#state.until) this.#tryAgain(this.#state.attempt, { by: 'time' });
    const state = this.#state;
    if (state.value !== 'half-open' || !this.#hasRoom(state, now)) return { era: this.#era, lease: null };
    const lease = { takenAt: now };
    state.leases.add(lease);
    return { era: this.#era, lease };
  }

  /** The request ended without telling anything about health. */
  leave({ lease }: Pass): void {
    if (lease && this.#state.value === 'half-open') this.#state.leases.delete(lease);
  }

  good(now: number, evidence: Evidence): void {
    if (this.#isStale(evidence)) return;
    const weight = typeof evidence === 'string' ? evidence : 'answer';
    if (weight === 'answer') this.#listIsDoubtful = false;
    const state = this.#state;
    if (state.value === 'closed' || state.value === 'degraded') {
      this.#window.push(now, null, weight);
      this.#appraise(now, { by: 'success' });
    } else if (state.value === 'key') {
      if (weight === 'list' && state.answerNeeded) return;
      this.#listIsDoubtful = weight === 'list';
      this.#close({ by: 'success' });
    } else if (weight === 'answer') this.#takeHeart(now, evidence);
  }

  bad(now: number, failure: Failure, evidence: Evidence): void {
    if (this.#isStale(evidence)) return;
    const state = this.#state;
    switch (state.value) {
      case 'closed':
      case 'degraded':
        this.#weigh(now, failure, evidence);
        return;
      case 'open':
        // A failed probe where a trial is due spares a request from being that trial.
        if (typeof evidence === 'string' && now >= state.until) this.#open(now, state.attempt + 1, [failure]);
        return;
      case 'half-open':
        if (typeof evidence !== 'string') this.leave(evidence);
        state.strikes.unshift(failure);
        if (blamesUpstream(state.strikes, this.#options.models())) this.#open(now, state.attempt + 1, state.strikes);
        return;
      case 'recovering': {
        state.bad += 1;
        state.strikes.unshift(failure);
        if (!blamesUpstream(state.strikes, this.#options.models())) return;
        if (state.strikes.length >= recoveryStrikes) this.#open(now, state.attempt + 1, state.strikes);
        else if (state.bad > recoveryTolerance * (state.good + state.bad)) this.#recover(now, state.attempt);
        return;
      }
      case 'key':
      case 'held':
    }
  }

  /** The key was refused, or the balance is empty. One such answer is enough. */
  refuse(failure: Failure, evidence: Evidence): void {
    const state = this.#state;
    if (this.#isStale(evidence) || state.value === 'held') return;
    if (state.value === 'key' && state.kind === failure.kind) return;
    // Lists come with an empty balance too, and on some servers without a key.
    const answerNeeded = failure.kind === 'balance-empty' || (this.#listIsDoubtful && evidence !== 'list');
    this.#change({ value: 'key', kind: failure.kind, answerNeeded }, causeOf([failure]), true);
  }

  /** By hand. Null gives it back to the outcomes, which begin anew. */
  hold(as: 'open' | 'closed' | null): void {
    const held = this.#state.value === 'held' ? this.#state.as : null;
    if (as === held) return;
    if (as !== null) this.#change({ value: 'held', as }, { by: 'hand' }, true);
    else this.#close({ by: 'hand' });
  }

  /** Settings or keys are new: what was learnt is of another server or key. Holds by hand stay. */
  forget(): void {
    if (this.#state.value === 'held') return;
    this.#relapse = undefined;
    this.#relapses = 0;
    this.#listIsDoubtful = false;
    this.#close({ by: 'setup' });
  }

  /** Brings about what time alone changes. */
  refresh(now: number): void {
    const state = this.#state;
    if (state.value === 'recovering' && now >= state.until) {
      this.#relapse = { attempt: state.attempt, until: now + this.#holdMs };
      this.#close({ by: 'success' });
    } else if (state.value === 'degraded') this.#appraise(now, { by: 'time' });
  }

  /** @returns when time alone changes the state next; undefined where it does not */
  get changesAt(): number | undefined {
    if (this.#state.value === 'recovering') return this.#state.until;
    if (this.#state.value !== 'degraded') return undefined;
    return (this.#window.lastFailureAt ?? 0) + this.#options.rules().windowMs + 1;
  }

  get #holdMs(): number {
    const { cooldownMs, cooldownMaxMs } = this.#options.rules();
    return Math.min(2 * cooldownMs * 2 ** this.#relapses, Math.max(2 * cooldownMs, cooldownMaxMs));
  }

  #isStale(evidence: Evidence): boolean {
    return typeof evidence !== 'string' && evidence.era !== this.#era;
  }

  #hasRoom(state: Extract<BreakerState, { value: 'half-open' }>, now: number): boolean {
    const { goodTrials, leaseMs } = this.#options.rules();
    for (const lease of state.leases) if (now - lease.takenAt >= leaseMs) state.leases.delete(lease);
    return state.leases.size + state.successes < goodTrials;
  }

  /** An answer came while out of use or on the way back. */
  #takeHeart(now: number, evidence: Evidence): void {
    if (this.#state.value === 'open') this.#tryAgain(this.#state.attempt, { by: 'success' });
    const state = this.#state;
    if (state.value === 'half-open') {
      if (typeof evidence !== 'string') this.leave(evidence);
      state.successes += 1;
      if (state.successes >= this.#options.rules().goodTrials) this.#recover(now, state.attempt);
    } else if (state.value === 'recovering') {
      state.good += 1;
      state.strikes = [];
    }
  }

  #weigh(now: number, failure: Failure, evidence: Evidence): void {
    const rules = this.#options.rules();
    this.#window.push(now, failure, typeof evidence === 'string' ? evidence : 'answer');
    this.#window.prune(now, rules.windowMs);
    const trip = findTrip(this.#window, rules, this.#options.models());
    if (trip === undefined) this.#appraise(now, causeOf([failure]));
    else {
      const relapse = this.#relapse && now < this.#relapse.until ? this.#relapse : undefined;
      this.#relapses = relapse ? this.#relapses + 1 : 0;
      this.#open(now, (relapse?.attempt ?? 0) + 1, trip);
    }
  }

  /** Closed or degraded. Opening is for failures alone: a success that makes up the number must not shut the door. */
  #appraise(now: number, cause: FailoverCause): void {
    const rules = this.#options.rules();
    this.#window.prune(now, rules.windowMs);
    const value = isWorrying(this.#window, rules) ? 'degraded' : 'closed';
    if (value !== this.#state.value) this.#change({ value }, cause);
  }

  #open(now: number, attempt: number, failures: readonly Failure[]): void {
    const { cooldownMs, cooldownMaxMs } = this.#options.rules();
    const wait = Math.min(cooldownMs * 2 ** (attempt - 1), Math.max(cooldownMs, cooldownMaxMs));
    this.#change({ value: 'open', attempt, until: now + wait }, causeOf(failures), true);
  }

  #tryAgain(attempt: number, cause: FailoverCause): void {
    this.#change({ value: 'half-open', attempt, leases: new Set(), strikes: [], successes: 0 }, cause);
  }

  #recover(now: number, attempt: number): void {
    const hold = { since: now, until: now + this.#holdMs };
    if (this.#state.value === 'recovering') Object.assign(this.#state, hold, { good: 0, bad: 0 });
    else this.#change({ value: 'recovering', attempt, ...hold, good: 0, bad: 0, strikes: [] }, { by: 'success' });
  }

  #close(cause: FailoverCause): void {
    // Requests of a recovery that went well are still telling.
    const forced = cause.by !== 'success';
    this.#window.clear();
    if (this.#state.value !== 'closed') this.#change({ value: 'closed' }, cause, forced);
    else if (forced) this.#era += 1;
  }

  #change(to: BreakerState, cause: FailoverCause, newEra = false): void {
    const from = this.#state;
    if (newEra) this.#era += 1;
    this.#state = to;
    this.#options.onChange(from, to, cause);
  }
}

/** @param failures newest first */
function causeOf(failures: readonly Failure[]): FailoverCause {
  const newest = failures[0];
  if (newest === undefined) return { by: 'success' };
  const { kind, status } = newest;
  const alike = failures.every((failure) => failure.kind === kind && failure.status === status);
  return { by: 'failures', kind, status, count: failures.length, alike };
}
