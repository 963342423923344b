import type { FailoverStatus, OverallState } from '../contract/failover.ts';
import type { Settings, Tier } from '../contract/settings.ts';
import { type BreakerState, graver, nameOfState } from './breaker-state.ts';
import { isLocal } from './candidates.ts';
import type { Target } from './routes.ts';
import { type Candidate, isSame } from './walk.ts';
import type { Watch, Watches } from './watches.ts';

export type TierTargets = Readonly<Record<Tier, readonly Target[]>>;

export interface Situation {
  watches: Watches;
  now: number;
  standbyReady: boolean;
}

/** @returns true where a request may be sent there as a matter of course */
export function isSound(candidate: Candidate, { watches, now, standbyReady }: Situation): boolean {
  return watches.standing(candidate.target, now).door === 'open' && (!candidate.standby || standbyReady);
}

/**
 * Where a new conversation goes. One that is on its way back becomes the active one again when its hold is over, so that
 * an upstream that comes and goes does not take the active target with it; earlier only where nothing else is sound.
 * @param current what it was: it stays where nothing is usable
 */
export function findActive(
  candidates: readonly Candidate[],
  situation: Situation,
  current: Target | null,
): Target | null {
  const best =
    candidates.find((candidate) => isSound(candidate, situation)) ??
    candidates.find(({ target }) => situation.watches.standing(target, situation.now).door === 'ramp') ??
    candidates.find(({ target }) => current !== null && isSame(target, current)) ??
    candidates[0];
  return best?.target ?? null;
}

/**
 * @param main candidates of the big tier
 * @param others first candidates of the other tiers
 */
export function overallState(
  main: readonly Candidate[],
  others: readonly Candidate[],
  active: Target | null,
  situation: Situation,
): OverallState {
  const [home] = main;
  if (home === undefined || active === null) return 'down';
  const { value, promising } = vitality(home.target, situation.watches);
  if (!main.some((candidate) => isSound(candidate, situation))) return promising ? 'recovering' : 'down';
  if (promising) return 'recovering';
  if (!isSame(home.target, active)) return 'failed-over';
  if (value === 'degraded' || others.some((other) => !isSound(other, situation))) return 'degraded';
  return 'healthy';
}

function stateOf(target: Target, watches: Watches): BreakerState {
  return graver(watches.upstream(target.upstream).breaker.state, watches.target(target).breaker.state);
}

function vitality(target: Target, watches: Watches): { value: BreakerState['value']; promising: boolean } {
  const state = stateOf(target, watches);
  const promising = state.value === 'recovering' || (state.value === 'half-open' && state.successes > 0);
  return { value: state.value, promising };
}

export interface StatusFacts {
  settings: Settings;
  state: OverallState;
  active: Target | null;
  since: number;
  tiers: TierTargets;
  standby: Target | undefined;
  counts: FailoverStatus['counts'];
  nameOf: (upstream: string) => string;
  /** Makes epoch milliseconds of the supervisor's time. */
  toEpoch: (time: number) => number;
}

/** @returns the supervisor's part of `strelka status --json` */
export function describeStatus(facts: StatusFacts, { watches, now, standbyReady }: Situation): FailoverStatus {
  const { settings, tiers, standby, toEpoch } = facts;
  const { windowMs } = settings.failover;
  const health = ({ record }: Watch, state: BreakerState) => ({
    state: nameOfState(state),
    retryAt: state.value === 'open' ? toEpoch(state.until) : null,
    ...record.rate(now, windowMs),
    lastError: record.lastError && { ...record.lastError, at: toEpoch(record.lastError.at) },
  });
  const upstreams = [...new Set([...settings.upstreams.map(({ id }) => id), ...(standby ? [standby.upstream] : [])])];
  return {
    mode: settings.mode,
    state: facts.state,
    active: facts.active,
    since: toEpoch(facts.since),
    upstreams: upstreams.map((id) => {
      const watch = watches.upstream(id);
      const local = isLocal(id, settings, standby);
      return { id, name: facts.nameOf(id), local, ...health(watch, watch.breaker.state) };
    }),
    targets: listTargets(tiers, standby).map(({ target, tiers }) => {
      const watch = watches.target(target);
      const p50 = watch.record.firstPartMs(0.5);
      const p95 = watch.record.firstPartMs(0.95);
      return {
        upstream: target.upstream,
        model: target.model,
        tiers,
        standby: standby !== undefined && isSame(standby, target),
        ...health(watch, stateOf(target, watches)),
        ttftMs: p50 === undefined || p95 === undefined ? null : { p50, p95 },
      };
    }),
    standby: { target: standby ?? null, ready: standbyReady },
    counts: { ...facts.counts },
  };
}

function listTargets(tiers: TierTargets, standby: Target | undefined): { target: Target; tiers: Tier[] }[] {
  const listed: { target: Target; tiers: Tier[] }[] = [];
  const add = (target: Target, tier: Tier | null): void => {
    const known = listed.find((entry) => isSame(entry.target, target));
    if (known === undefined) listed.push({ target, tiers: tier === null ? [] : [tier] });
    else if (tier !== null && !known.tiers.includes(tier)) known.tiers.push(tier);
  };
  for (const tier of ['big', 'middle', 'small'] as const) for (const target of tiers[tier]) add(target, tier);
  if (standby) add(standby, null);
  return listed;
}
