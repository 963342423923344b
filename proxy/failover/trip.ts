import type { Settings } from '../contract/settings.ts';
import type { Failure, OutcomeWindow } from './outcome-window.ts';

export type TripRules = Pick<Settings['failover'], 'consecutive' | 'share' | 'atLeast'>;

/**
 * Decides when a breaker opens; what that does is the breaker's business. Counts in a row and a share of at least n, not
 * rates: desktop traffic is one request in ten seconds (code-style.md A1).
 * @param models how many models are known on the upstream that the window is of; null for the window of one target
 * @returns the failures that decide it, newest first, or undefined
 */
export function findTrip(window: OutcomeWindow, rules: TripRules, models: number | null): Failure[] | undefined {
  const trailing = window.trailing();
  if (trailing.length >= rules.consecutive && blamesUpstream(trailing, models)) return trailing;
  const { failures, n } = window.tally();
  const often = n >= rules.atLeast && failures.length >= rules.share * n;
  return often && blamesUpstream(failures, models) ? failures : undefined;
}

/** @returns true where something is amiss that does not yet open the breaker */
export function isWorrying(window: OutcomeWindow, rules: TripRules): boolean {
  if (window.trailing().length > 0) return true;
  const { failures, n } = window.tally();
  return failures.length > 1 && failures.length >= (rules.share / 2) * n;
}

/**
 * One model that fails while others are there, be they untried, does not condemn its upstream.
 * @param models as in findTrip
 */
export function blamesUpstream(failures: readonly Failure[], models: number | null): boolean {
  if (models === null || models < 2 || failures.some(({ model }) => model === null)) return true;
  return new Set(failures.map(({ model }) => model)).size > 1;
}
