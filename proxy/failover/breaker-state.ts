import type { BreakerName } from '../contract/failover.ts';
import type { ErrorKind } from '../errors.ts';
import type { Failure } from './outcome-window.ts';

/** A trial request's place. It lapses, so that a request that never ends does not keep the breaker from closing. */
export interface Lease {
  takenAt: number;
}

/** What a breaker is in. A union, so that a state that makes no sense can't be written (code-style.md A1). */
export type BreakerState =
  | { readonly value: 'closed' }
  /** All requests pass; something is amiss, which is the time to warm the standby up. */
  | { readonly value: 'degraded' }
  /** `attempt` is 1 for the first opening and grows with each trial that fails. */
  | { readonly value: 'open'; readonly attempt: number; readonly until: number }
  | {
      readonly value: 'half-open';
      readonly attempt: number;
      readonly leases: Set<Lease>;
      readonly strikes: Failure[];
      successes: number;
    }
  /** The trials went well: new turns go back bit by bit until the hold ends. */
  | {
      readonly value: 'recovering';
      readonly attempt: number;
      since: number;
      until: number;
      good: number;
      bad: number;
      /** Failures since the last success. */
      strikes: Failure[];
    }
  /** The key is refused or the balance empty: time does not mend it, so there are no trials by requests. */
  | { readonly value: 'key'; readonly kind: ErrorKind; readonly answerNeeded: boolean }
  | { readonly value: 'held'; readonly as: 'open' | 'closed' };

/** How a breaker takes a request. */
export type Standing =
  | { door: 'open' }
  /** The share of new turns that may pass, 0 to 1. */
  | { door: 'ramp'; share: number }
  | { door: 'trial' }
  /** `due` is when a trial may be made; Infinity where time alone brings none. */
  | { door: 'shut'; due: number }
  /** By hand: not even as a last resort. */
  | { door: 'locked' };

const narrowness = { open: 0, ramp: 1, trial: 2, shut: 3, locked: 4 } as const;

/** @returns how a target stands whose own breaker and whose upstream's stand so: the narrower door */
export function narrower(one: Standing, other: Standing): Standing {
  if (one.door === 'ramp' && other.door === 'ramp') return { door: 'ramp', share: Math.min(one.share, other.share) };
  if (one.door === 'shut' && other.door === 'shut') return { door: 'shut', due: Math.max(one.due, other.due) };
  return narrowness[one.door] >= narrowness[other.door] ? one : other;
}

/** @returns the state's name outside */
export function nameOfState(state: BreakerState): BreakerName {
  return state.value === 'held' ? `held-${state.as}` : state.value;
}

const gravity: readonly BreakerName[] = [
  'held-closed',
  'closed',
  'degraded',
  'recovering',
  'half-open',
  'open',
  'key',
  'held-open',
];

/** @returns the state that weighs more on a target: its own or its upstream's */
export function graver(one: BreakerState, other: BreakerState): BreakerState {
  return gravity.indexOf(nameOfState(one)) >= gravity.indexOf(nameOfState(other)) ? one : other;
}
