import type { FailoverStatus } from '../contract/failover.ts';
import type { Settings } from '../contract/settings.ts';
import { toStrelkaError } from '../errors.ts';
import type { Target } from './routes.ts';
import type { Standby } from './standby.ts';
import type { Supervisor } from './supervisor.ts';

export interface ProberOptions {
  settings: () => Settings;
  supervisor: Pick<Supervisor, 'probed' | 'status' | 'changesAt' | 'refresh' | 'suspend' | 'resume'>;
  standby: Pick<Standby, 'probe' | 'warmUp' | 'status'>;
  /** Asks an upstream for its models; rejects with what is wrong. */
  listModels(upstream: string): Promise<unknown>;
  /** Asks a target for one token; rejects with what is wrong. */
  askOneToken(target: Target): Promise<void>;
  /** Renews what a sleep has made stale. */
  reconnect(): void;
  clock: { now(): number };
  /** Starts a timer; returns how to stop it. */
  after(milliseconds: number, action: () => void): () => void;
}

/** While a breaker is open its trial is not waited for more often than this. */
const shortestWaitMs = 250;

/** From one good trial to the next. */
const secondTrialMs = 1_000;

/**
 * Looks after the upstreams while they are used: cloud.ru by its list of models, a target whose trial is due by one
 * token, Ollama by version and tags; warms the local model up as soon as the cloud degrades (issue 4, points 1 and 5).
 * Rests when nobody has asked anything for ten minutes, and while the machine sleeps.
 */
export class Prober {
  readonly #options: ProberOptions;
  #usedAt = Number.NEGATIVE_INFINITY;
  /** When an upstream whose key is out was asked last, or seen so first. */
  readonly #keyTrials = new Map<string, number>();
  #stop: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #asleep = false;
  #closed = false;

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** An exchange begins: from a rest, the first round starts at once. */
  used(): void {
    if (this.#options.settings().failover.probeIdleMs === 0) return;
    const rested = !this.#isUsed;
    this.#usedAt = this.#options.clock.now();
    if (rested) this.#schedule(0);
  }

  /** A breaker has changed: a round follows at once, so that the standby is warmed up before it is needed. */
  heard(): void {
    if (this.#isUsed) this.#schedule(0);
  }

  /** Looks at everything now; also when nothing was asked for long. */
  async look(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  suspend(): void {
    this.#asleep = true;
    this.#stop?.();
    this.#options.supervisor.suspend();
  }

  /** Connections of before the sleep are dead without knowing it. */
  resume(): void {
    this.#asleep = false;
    this.#options.supervisor.resume();
    this.#options.reconnect();
    if (this.#isUsed) this.#schedule(0);
  }

  close(): void {
    this.#closed = true;
    this.#stop?.();
  }

  get #isUsed(): boolean {
    return this.#options.clock.now() - this.#usedAt < this.#options.settings().failover.probeIdleMs;
  }

  #schedule(milliseconds: number): void {
    this.#stop?.();
    if (this.#closed || this.#asleep) return;
    this.#stop = this.#options.after(milliseconds, () => {
      void this.look().then(() => {
        if (this.#isUsed) this.#schedule(this.#waitMs());
      });
    });
  }

  /** To the next round: the usual interval, or until a trial is due or time changes something by itself. */
  #waitMs(): number {
    const { supervisor, settings, clock } = this.#options;
    const { probeIntervalMs } = settings().failover;
    if (this.#dueTargets().length > 0) return Math.min(probeIntervalMs, secondTrialMs);
    const { upstreams, targets } = supervisor.status();
    const waits = [...upstreams, ...targets].flatMap(({ retryAt }) => (retryAt === null ? [] : retryAt - Date.now()));
    const { changesAt } = supervisor;
    if (changesAt !== undefined) waits.push(changesAt - clock.now());
    return Math.min(probeIntervalMs, Math.max(shortestWaitMs, Math.min(...waits)));
  }

  async #round(): Promise<void> {
    const { supervisor, settings } = this.#options;
    supervisor.refresh();
    const { mode, upstreams } = settings();
    const before = supervisor.status();
    const remote = mode === 'local' ? [] : upstreams.filter(({ kind }) => kind !== 'ollama');
    await Promise.all([...remote.map(({ id }) => this.#probeUpstream(id, before)), this.#probeStandby()]);
    if (this.#closed) return;
    // Before the trials and not waited for: a large model takes minutes, in which the upstreams are looked after too.
    if (supervisor.status().state !== 'healthy' && this.#options.standby.status.state === 'cold')
      void this.#options.standby.warmUp();
    const trials = [...this.#dueTargets(), ...this.#dueKeyTrials()];
    await Promise.all(trials.map((target) => this.#probeTarget(target)));
  }

  /**
   * Lists come with an empty balance, and on some servers without a good key: there only an answer shows that the key is
   * mended, and requests go elsewhere meanwhile. So a token is asked for now and then, as seldom as after a long outage.
   */
  #dueKeyTrials(): Target[] {
    const { settings, supervisor, clock } = this.#options;
    const { mode, failover } = settings();
    const { upstreams, targets } = supervisor.status();
    const due: Target[] = [];
    for (const { id, state, local } of upstreams) {
      const since = this.#keyTrials.get(id);
      if (state !== 'key') this.#keyTrials.delete(id);
      else if (since === undefined) this.#keyTrials.set(id, clock.now());
      else if (!local && mode !== 'local' && clock.now() - since >= failover.cooldownMaxMs) {
        this.#keyTrials.set(id, clock.now());
        due.push(...targets.filter(({ upstream }) => upstream === id).slice(0, 1));
      }
    }
    return due;
  }

  /** An open breaker's upstream is left in peace until its trial is due. */
  async #probeUpstream(id: string, { upstreams }: FailoverStatus): Promise<void> {
    const known = upstreams.find((upstream) => upstream.id === id);
    if (known?.state === 'open' && known.retryAt !== null && known.retryAt > Date.now()) return;
    await this.#tell({ upstream: id }, () => this.#options.listModels(id));
  }

  async #probeStandby(): Promise<void> {
    if (this.#options.settings().standby.model !== null) await this.#options.standby.probe();
  }

  /**
   * Targets whose trial is due: a token is cheaper than a client's request that fails. Where a whole upstream is out, one
   * of its models speaks for all.
   */
  #dueTargets(): Target[] {
    const { mode } = this.#options.settings();
    if (mode === 'local') return [];
    const { upstreams, targets } = this.#options.supervisor.status();
    const isDue = ({ state, retryAt }: { state: string; retryAt: number | null }): boolean =>
      state === 'half-open' || (state === 'open' && retryAt !== null && retryAt <= Date.now());
    return upstreams
      .filter(({ local }) => !local)
      .flatMap((upstream) => {
        const own = targets.filter((target) => target.upstream === upstream.id);
        if (isDue(upstream)) return own.slice(0, 1);
        return upstream.state === 'open' ? [] : own.filter(isDue);
      })
      .map(({ upstream, model }) => ({ upstream, model }));
  }

  #probeTarget(target: Target): Promise<void> {
    return this.#tell({ target }, () => this.#options.askOneToken(target));
  }

  async #tell(subject: { upstream: string } | { target: Target }, probe: () => Promise<unknown>): Promise<void> {
    try {
      await probe();
      if (!this.#closed) this.#options.supervisor.probed(subject, { ok: true });
    } catch (thrown) {
      const { kind, detail } = toStrelkaError(thrown);
      if (!this.#closed) this.#options.supervisor.probed(subject, { ok: false, kind, status: detail.upstreamStatus });
    }
  }
}
