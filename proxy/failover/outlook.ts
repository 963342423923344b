import type { FailoverCause, OverallState, Subject } from '../contract/failover.ts';
import type { Settings } from '../contract/settings.ts';
import { candidatesOf } from './candidates.ts';
import type { FailoverFact } from './failover-events.ts';
import type { Target } from './routes.ts';
import { findActive, overallState, type Situation, type TierTargets } from './status.ts';
import { type Candidate, isSame } from './walk.ts';
import type { Watches } from './watches.ts';

export interface OutlookOptions {
  settings: () => Settings;
  clock: { now(): number };
  tiers: () => TierTargets;
  fallbackTarget: () => Target | undefined;
  standbyReady: () => boolean;
  nameOf: (upstream: string) => string;
  watches: Watches;
  tell: (fact: FailoverFact) => void;
}

/** The candidates of the tiers, with what they were found from. */
interface Survey {
  mode: Settings['mode'];
  upstreams: Settings['upstreams'];
  tiers: TierTargets;
  standby: Target | undefined;
  main: Candidate[];
  others: Candidate[];
}

/** What the supervisor's parts amount to: mode, active target, overall state. It tells of each change, once. */
export class Outlook {
  readonly #options: OutlookOptions;
  #mode: Settings['mode'];
  #active: Target | null;
  #state: OverallState;
  /** When the state began, by the clock. */
  #since: number;
  #switches = 0;
  #cause: FailoverCause | undefined;
  #surveyed: Survey | undefined;

  constructor(options: OutlookOptions) {
    this.#options = options;
    this.#mode = options.settings().mode;
    this.#since = options.clock.now();
    const { main, others } = this.#survey();
    this.#active = findActive(main, this.situation(), null);
    this.#state = overallState(main, others, this.#active, this.situation());
  }

  get active(): Target | null {
    return this.#active;
  }

  get state(): OverallState {
    return this.#state;
  }

  get since(): number {
    return this.#since;
  }

  get switches(): number {
    return this.#switches;
  }

  situation(): Situation {
    const { watches, clock, standbyReady } = this.#options;
    return { watches, now: clock.now(), standbyReady: standbyReady() };
  }

  /** A breaker changed: the nearest cause of what the next refresh finds. */
  noteCause(cause: FailoverCause): void {
    this.#cause = cause;
  }

  /** Looks anew, at breakers as time has left them, and tells what is different. */
  refresh(): void {
    const { settings, watches, clock, tell } = this.#options;
    watches.refresh(clock.now());
    const { mode } = settings();
    if (mode !== this.#mode) {
      tell({ kind: 'mode-changed', from: this.#mode, to: mode });
      this.#mode = mode;
      this.#cause = { by: 'hand' };
    }
    const cause = this.#cause ?? { by: 'setup' };
    this.#cause = undefined;
    const old = this.#active;
    const { main, others } = this.#survey();
    const situation = this.situation();
    const active = findActive(main, situation, old);
    this.#active = active;
    if (active !== null && old !== null && !isSame(active, old)) {
      this.#switches += 1;
      tell({ kind: 'target-switched', from: this.#subjectOf(old), to: this.#subjectOf(active), cause });
    }
    const from = this.#state;
    const state = overallState(main, others, active, situation);
    if (state === from) return;
    this.#state = state;
    this.#since = clock.now();
    tell({ kind: 'state-changed', from, to: state });
  }

  /** The candidates of the big tier, and the first ones of the others. */
  #survey(): Survey {
    const settings = this.#options.settings();
    const tiers = this.#options.tiers();
    const standby = this.#options.fallbackTarget();
    const known = this.#surveyed;
    // Asked several times an exchange, and changed by settings and lists only.
    if (
      known &&
      known.mode === settings.mode &&
      known.upstreams === settings.upstreams &&
      known.tiers === tiers &&
      isSameOrNone(known.standby, standby)
    )
      return known;
    const [main = [], second = [], third = []] = [tiers.big, tiers.middle, tiers.small].map((targets) =>
      candidatesOf(targets, settings, standby),
    );
    const { mode, upstreams } = settings;
    this.#surveyed = { mode, upstreams, tiers, standby, main, others: [...second.slice(0, 1), ...third.slice(0, 1)] };
    return this.#surveyed;
  }

  #subjectOf({ upstream, model }: Target): Subject {
    return { upstream, model, name: this.#options.nameOf(upstream) };
  }
}

function isSameOrNone(one: Target | undefined, other: Target | undefined): boolean {
  return one === undefined || other === undefined ? one === other : isSame(one, other);
}
