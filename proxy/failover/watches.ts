import type { FailoverCause } from '../contract/failover.ts';
import type { Settings } from '../contract/settings.ts';
import type { ErrorKind } from '../errors.ts';
import { blameOf } from './blame.ts';
import { Breaker, type BreakerRules, type Evidence, type Pass } from './breaker.ts';
import { type BreakerState, narrower, type Standing } from './breaker-state.ts';
import type { Failure } from './outcome-window.ts';
import type { Target } from './routes.ts';
import { TrackRecord } from './track-record.ts';

/** An upstream (model null) or one model on it. */
export interface Watched {
  upstream: string;
  model: string | null;
}

export interface Watch {
  readonly subject: Watched;
  readonly breaker: Breaker;
  readonly record: TrackRecord;
}

/** What a request got from both breakers that it passed. */
export interface Passes {
  upstream: Pass;
  target: Pass;
}

/** What went wrong: the kind, and the HTTP status where the upstream answered with one. */
export interface Fault {
  kind: ErrorKind;
  status?: number | undefined;
}

export interface WatchesOptions {
  settings: () => Settings;
  /** Targets that the settings name. */
  namedTargets: () => readonly Target[];
  onChange: (subject: Watched, from: BreakerState, to: BreakerState, cause: FailoverCause) => void;
}

/** The breakers of both levels with their records: who is charged with an outcome is decided here, by blame.ts. */
export class Watches {
  readonly #options: WatchesOptions;
  readonly #watches = new Map<string, Watch>();

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  upstream(id: string): Watch {
    return this.#watch({ upstream: id, model: null });
  }

  target({ upstream, model }: Target): Watch {
    return this.#watch({ upstream, model });
  }

  all(): Iterable<Watch> {
    return this.#watches.values();
  }

  /** @returns how a request to this target would be taken by both breakers */
  standing(target: Target, now: number): Standing {
    return narrower(this.upstream(target.upstream).breaker.standing(now), this.target(target).breaker.standing(now));
  }

  enter(target: Target, now: number): Passes {
    return {
      upstream: this.upstream(target.upstream).breaker.enter(now),
      target: this.target(target).breaker.enter(now),
    };
  }

  leave(target: Target, passes: Passes): void {
    this.upstream(target.upstream).breaker.leave(passes.upstream);
    this.target(target).breaker.leave(passes.target);
  }

  /** @param evidence the passes of a request, or null for a probe that got an answer */
  good(target: Target, evidence: Passes | null, now: number): void {
    this.upstream(target.upstream).breaker.good(now, evidence?.upstream ?? 'answer');
    this.target(target).breaker.good(now, evidence?.target ?? 'answer');
  }

  /** Charges a failure by its kind; one that says nothing about health only gives the places back. */
  bad(target: Target, fault: Fault, evidence: Passes | null, now: number): void {
    const upstream = this.upstream(target.upstream).breaker;
    const own = this.target(target).breaker;
    const toUpstream: Evidence = evidence?.upstream ?? 'answer';
    const toTarget: Evidence = evidence?.target ?? 'answer';
    // First the places: a breaker that is not charged keeps none.
    if (evidence) this.leave(target, evidence);
    const failure = failureOf(fault, target.model);
    switch (blameOf(fault.kind)) {
      case 'upstream':
        upstream.bad(now, { ...failure, model: null }, toUpstream);
        break;
      case 'target':
        own.bad(now, failure, toTarget);
        break;
      case 'either':
        own.bad(now, failure, toTarget);
        upstream.bad(now, failure, toUpstream);
        break;
      case 'key':
        upstream.refuse(failure, toUpstream);
        break;
      case 'none':
    }
  }

  refresh(now: number): void {
    for (const { breaker } of this.#watches.values()) breaker.refresh(now);
  }

  /** Forgets what was learnt of upstreams that have new settings or keys, and all of those that are gone. */
  forget(changed: ReadonlySet<string>, present: ReadonlySet<string>): void {
    for (const [key, { subject, breaker }] of this.#watches) {
      if (!present.has(subject.upstream)) this.#watches.delete(key);
      else if (changed.has(subject.upstream)) breaker.forget();
    }
  }

  #watch(subject: Watched): Watch {
    const key = subject.model === null ? subject.upstream : `${subject.upstream}\n${subject.model}`;
    const known = this.#watches.get(key);
    if (known) return known;
    const watch: Watch = {
      subject,
      breaker: new Breaker({
        rules: () => rulesOf(this.#options.settings()),
        models: () => (subject.model === null ? this.#modelsOn(subject.upstream) : null),
        onChange: (from, to, cause) => this.#options.onChange(subject, from, to, cause),
      }),
      record: new TrackRecord(),
    };
    this.#watches.set(key, watch);
    return watch;
  }

  /** Models that the settings name, and those that were asked by their own names. */
  #modelsOn(upstream: string): number {
    const models = new Set<string>();
    for (const target of this.#options.namedTargets()) if (target.upstream === upstream) models.add(target.model);
    for (const { subject } of this.#watches.values())
      if (subject.upstream === upstream && subject.model !== null) models.add(subject.model);
    return models.size;
  }
}

/** @returns the failure of a request to this model */
export function failureOf(fault: Fault, model: string | null): Failure {
  return { kind: fault.kind, status: fault.status ?? null, model };
}

/** Where the first byte has come, an attempt that still runs is none to wait for. */
function rulesOf({ failover, timeouts }: Settings): BreakerRules {
  return { ...failover, leaseMs: timeouts.connectMs + timeouts.firstByteMs };
}
