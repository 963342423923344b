import type { FailoverEvent, FailoverStatus, OverallState } from '../contract/failover.ts';
import type { Settings } from '../contract/settings.ts';
import { nameOfState } from './breaker-state.ts';
import { candidatesOf } from './candidates.ts';
import { Conversations, lotOf } from './conversations.ts';
import { describeEvent, type FailoverFact } from './failover-events.ts';
import { type Attempted, Ledger, type ProbeOutcome, type ProbeSubject } from './ledger.ts';
import { Outlook } from './outlook.ts';
import type { Target } from './routes.ts';
import { describeStatus, type TierTargets } from './status.ts';
import { type AttemptOutcome, Ticket, type TicketBook } from './ticket.ts';
import { isSame, type RouteRequest, Walk } from './walk.ts';
import { type Fault, Watches } from './watches.ts';

export interface SupervisorOptions {
  /** What is in force now; the mode is read here and kept nowhere else, so that nothing but the user changes it. */
  settings: () => Settings;
  /** Milliseconds; should not jump, as `performance` does not. */
  clock: { now(): number };
  /** Epoch milliseconds, for what is shown. */
  wallClock?: () => number;
  /** 0 to below 1: decides for requests without a session whether they go back early. */
  random?: () => number;
  /** Targets of the tiers by settings and lists, best first, without the standby. */
  tiers: () => TierTargets;
  /** The local model that is the last target of every route. */
  fallbackTarget: () => Target | undefined;
  standbyReady: () => boolean;
  /** An upstream's name for a person. */
  nameOf?: (upstream: string) => string;
  /** Must not throw. */
  onEvent: (event: FailoverEvent) => void;
}

interface Entry {
  /** Null where there is no conversation to keep whole. */
  conversation: string | null;
  /** The target is the one that the conversation has when all is well. */
  home: boolean;
  walk: Walk;
  attempted: Attempted;
}

/**
 * Decides where exchanges go and learns from how they end (issue 4). No I/O and no timers: what time changes shows at the
 * next call, and `changesAt` says when a call is worthwhile.
 */
export class Supervisor implements TicketBook {
  readonly #options: SupervisorOptions;
  readonly #watches: Watches;
  readonly #ledger: Ledger;
  readonly #outlook: Outlook;
  readonly #conversations = new Conversations();
  readonly #entries = new WeakMap<Ticket, Entry>();
  #upstreams: Map<string, string>;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#upstreams = fingerprints(options.settings());
    this.#watches = new Watches({
      settings: options.settings,
      namedTargets: () => Object.values(options.tiers()).flat(),
      onChange: (subject, from, to, cause) => {
        this.#outlook.noteCause(cause);
        this.#tell({
          kind: 'breaker-changed',
          subject: { ...subject, name: this.#nameOf(subject.upstream) },
          from: nameOfState(from),
          to: nameOfState(to),
          cause,
          retryAt: to.value === 'open' ? this.#toEpoch(to.until) : null,
        });
      },
    });
    this.#ledger = new Ledger(this.#watches);
    this.#outlook = new Outlook({
      ...options,
      nameOf: (upstream) => this.#nameOf(upstream),
      watches: this.#watches,
      tell: (fact) => this.#tell(fact),
    });
  }

  /** Where a new conversation of the big tier goes; null where the mode allows no target. */
  get activeTarget(): Target | null {
    this.refresh();
    return this.#outlook.active;
  }

  get state(): OverallState {
    this.refresh();
    return this.#outlook.state;
  }

  /** @returns the targets of one exchange, one `next` at a time; see Walk.choose for what `next` throws */
  walk(request: RouteRequest): { next(): Ticket | undefined } {
    const settings = this.#options.settings();
    const candidates = candidatesOf(request.route.targets, settings, this.#options.fallbackTarget());
    const home = candidates[0]?.target;
    // A session's background requests have turns of their own, at targets of their own.
    const conversation = request.session && home ? `${request.session}\n${home.upstream}\n${home.model}` : null;
    if (conversation !== null && request.newTurn) this.#conversations.release(conversation);
    const walk = new Walk({
      request,
      candidates,
      mode: settings.mode,
      standing: (target) => this.#watches.standing(target, this.#now),
      standbyReady: this.#options.standbyReady,
      stay: () => this.#standInOf(conversation),
      lot: request.session === null ? (this.#options.random ?? Math.random)() : lotOf(request.session),
    });
    return {
      next: () => {
        this.refresh();
        const choice = walk.choose();
        if (choice === undefined) return undefined;
        const { target } = choice.candidate;
        const attempted = this.#ledger.begin(target, this.#now);
        const { passes } = attempted;
        const trial = passes.upstream.lease !== null || passes.target.lease !== null;
        const ticket = new Ticket(target, { trial, lastResort: choice.lastResort }, this);
        const isHome = home !== undefined && isSame(home, target);
        this.#entries.set(ticket, { conversation, home: isHome, walk, attempted });
        this.refresh();
        return ticket;
      },
    };
  }

  /** For tickets, which call it once. */
  settle(ticket: Ticket, outcome: AttemptOutcome): void {
    const entry = this.#entries.get(ticket);
    if (entry === undefined) return;
    if (outcome.result === 'good') {
      this.#ledger.good(entry.attempted, outcome.ttftMs, this.#now);
      this.#noteAnswerer(entry);
    } else if (outcome.result === 'bad') {
      if (outcome.afterCommit) this.#ledger.counts.afterCommit += 1;
      this.#ledger.bad(entry.attempted, outcome, this.#now);
    } else this.#ledger.neutral(entry.attempted);
    this.refresh();
  }

  /** For tickets. */
  retry(ticket: Ticket, fault: Fault): boolean {
    const entry = this.#entries.get(ticket);
    if (entry === undefined) return false;
    this.#ledger.bad(entry.attempted, fault, this.#now);
    this.refresh();
    const { door } = this.#watches.standing(ticket.target, this.#now);
    // A shut door helps nobody where there is no other.
    const again = (door !== 'shut' && door !== 'locked') || !entry.walk.hasMore();
    if (again) entry.attempted = this.#ledger.begin(ticket.target, this.#now);
    return again;
  }

  /** Hears of a probe; see Ledger.probed for what it is worth. */
  probed(subject: ProbeSubject, outcome: ProbeOutcome): void {
    this.#ledger.probed(subject, outcome, this.#now);
    this.refresh();
  }

  /** Opens or closes a breaker by hand; null gives it back to the outcomes. */
  hold(subject: ProbeSubject, state: 'open' | 'closed' | null): void {
    this.#ledger.watchOf(subject).breaker.hold(state);
    this.refresh();
  }

  /**
   * Settings or keys have changed: mode and routes hold at once for new exchanges, and upstreams with another address or
   * key get a fresh start.
   * @param newKeys ids of upstreams whose keys have changed
   */
  applied(newKeys: readonly string[] = []): void {
    const fresh = fingerprints(this.#options.settings());
    const changed = [...fresh].filter(([id, print]) => this.#upstreams.get(id) !== print).map(([id]) => id);
    const standby = this.#options.fallbackTarget();
    const present = new Set([...fresh.keys(), ...(standby ? [standby.upstream] : [])]);
    this.#upstreams = fresh;
    this.#watches.forget(new Set([...changed, ...newKeys]), present);
    this.refresh();
  }

  /** The machine goes to sleep: what fails from now on fails because of that. */
  suspend(): void {
    this.#ledger.suspend();
  }

  /** Failures of the next 10 s, and of attempts that began before, don't count. */
  resume(): void {
    this.#ledger.resume(this.#now);
    this.refresh();
  }

  /** Brings about what time alone changes, and tells of it. */
  refresh(): void {
    this.#outlook.refresh();
  }

  /** When `refresh` will have something to tell though nothing happens, by the clock; undefined where it won't. */
  get changesAt(): number | undefined {
    const times = [...this.#watches.all()].flatMap(({ breaker }) => breaker.changesAt ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** @returns milliseconds to the first part that this share of the answers did not exceed; undefined below 20 answers */
  firstPartMs(target: Target, share: number): number | undefined {
    return this.#watches.target(target).record.firstPartMs(share, 20);
  }

  status(): FailoverStatus {
    this.refresh();
    const { settings, tiers, fallbackTarget } = this.#options;
    const { state, active, since, switches } = this.#outlook;
    return describeStatus(
      {
        settings: settings(),
        state,
        active,
        since,
        tiers: tiers(),
        standby: fallbackTarget(),
        counts: { ...this.#ledger.counts, switches },
        nameOf: (upstream) => this.#nameOf(upstream),
        toEpoch: (time) => this.#toEpoch(time),
      },
      this.#outlook.situation(),
    );
  }

  get #now(): number {
    return this.#options.clock.now();
  }

  #standInOf(conversation: string | null): Target | undefined {
    if (conversation === null) return undefined;
    return this.#conversations.standInOf(conversation, this.#now, this.#options.settings().failover.stayMs);
  }

  #noteAnswerer({ conversation, home, attempted }: Entry): void {
    if (conversation === null) return;
    if (home) this.#conversations.release(conversation);
    else this.#conversations.move(conversation, attempted.target, this.#now);
  }

  #nameOf(upstream: string): string {
    return this.#options.nameOf?.(upstream) ?? upstream;
  }

  #toEpoch(time: number): number {
    const epoch = (this.#options.wallClock ?? Date.now)();
    return Math.round(epoch + time - this.#now);
  }

  #tell(fact: FailoverFact): void {
    this.#options.onEvent(describeEvent(fact, this.#toEpoch(this.#now)));
  }
}

/** What makes an upstream another server than before. */
function fingerprints(settings: Settings): Map<string, string> {
  return new Map(settings.upstreams.map((upstream) => [upstream.id, JSON.stringify(upstream)]));
}
