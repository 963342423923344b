import { isDeepStrictEqual } from 'node:util';
import type { Settings, UpstreamSetting } from './contract/settings.ts';
import { StrelkaError } from './errors.ts';
import { FailoverLog } from './failover/failover-log.ts';
import type { ListedModels } from './failover/listed.ts';
import { askOneToken } from './failover/one-token.ts';
import { Prober } from './failover/prober.ts';
import { type Route, routeOf, type Target, targetsOfTier } from './failover/routes.ts';
import { Standby } from './failover/standby.ts';
import type { TierTargets } from './failover/status.ts';
import { Supervisor } from './failover/supervisor.ts';
import type { Log } from './log.ts';
import { resolveProfile } from './profile/resolve.ts';
import type { Services } from './services.ts';
import { PdfReader } from './translate/pdf.ts';
import { TokenCalibration } from './translate/token-calibration.ts';
import { TokenCounter } from './translate/token-count.ts';
import { Connections } from './upstream/connection.ts';
import { startDemo } from './upstream/demo/start.ts';
import { makeUpstream } from './upstream/index.ts';
import { KeyRings } from './upstream/key-rings.ts';
import { ModelLists } from './upstream/model-list.ts';
import { Ollama } from './upstream/ollama.ts';
import type { CallTimeouts, Upstream } from './upstream/upstream.ts';

/** Keys. They live here and in the upstreams' headers, never in settings, log or journal. */
export interface Secrets {
  clientKey: string;
  /** Upstream id -> keys, tried in rotation. */
  upstreamKeys: Readonly<Record<string, readonly string[]>>;
}

/** Share by which an estimate may be too high: a request that might fit is tried. */
const estimateError = 0.08;
/** However quick a model usually is, a long prompt may take it this long. */
const shortestFirstByteMs = 10_000;

type Demo = Awaited<ReturnType<typeof startDemo>>;

/** What the mapping comes to, for as long as the basis is the same. */
interface Mapped {
  basis: readonly unknown[];
  tiers: TierTargets;
  routes: Map<string, Route>;
}

const keptRoutes = 200;

/** What runs behind the front doors: upstreams, their model lists, token counting. Settings change it live. */
export class Runtime implements Services {
  readonly tokens = new TokenCounter();
  readonly pdfs = new PdfReader();
  readonly calibration: TokenCalibration;
  /** The local model that stands in. */
  readonly standby = new Standby({ ollama: undefined, model: null });
  readonly supervisor: Supervisor;
  /** What happened lately to breakers, mode and active target. */
  readonly events: FailoverLog;
  readonly prober: Prober;
  settings: Settings;
  secrets: Secrets;
  readonly #log: Log;
  readonly #rings: KeyRings;
  #connections: Connections;
  #lastMapped: Mapped | undefined;
  #upstreams = new Map<string, Upstream>();
  readonly #lists = new ModelLists((id, signal) => this.upstreamOf(id).listModels(signal), performance);
  readonly #demo: Demo | undefined;

  private constructor(settings: Settings, secrets: Secrets, log: Log, demo: Demo | undefined) {
    this.settings = settings;
    this.secrets = secrets;
    this.#log = log;
    this.#rings = new KeyRings(log);
    this.#demo = demo;
    this.calibration = new TokenCalibration(this.tokens, log);
    this.#connections = new Connections(settings.timeouts.connectMs);
    this.#makeUpstreams();
    this.events = new FailoverLog(log);
    this.supervisor = new Supervisor({
      settings: () => this.settings,
      clock: performance,
      tiers: () => this.#mapped(this.#lists.all()).tiers,
      fallbackTarget: () => this.#fallbackTarget(),
      standbyReady: () => this.standby.canStandIn,
      nameOf: (id) => this.#upstreams.get(id)?.name ?? id,
      onEvent: (event) => {
        this.events.note(event);
        if (event.kind === 'breaker-changed') this.prober.heard();
      },
    });
    this.prober = new Prober({
      settings: () => this.settings,
      supervisor: this.supervisor,
      standby: this.standby,
      listModels: (id) => this.#lists.refresh(id),
      askOneToken: ({ upstream, model }) => askOneToken(this.upstreamOf(upstream), model, this.settings.timeouts),
      reconnect: () => this.#reconnect(),
      clock: performance,
      after: (milliseconds, action) => {
        const timer = setTimeout(action, milliseconds).unref();
        return () => clearTimeout(timer);
      },
    });
    // Whether somebody could stand in is to be known before it is needed.
    if (this.#fallbackTarget()) void this.standby.probe();
  }

  /** @param demo the built-in simulated upstreams stand in for the first upstream */
  static async start(settings: Settings, secrets: Secrets, log: Log, demo: boolean): Promise<Runtime> {
    let runtime: Runtime | undefined;
    const fault = (): Settings['demo']['fault'] => runtime?.settings.demo.fault ?? settings.demo.fault;
    runtime = new Runtime(settings, secrets, log, demo ? await startDemo({ fault, log }) : undefined);
    return runtime;
  }

  routeOf(askedModel: string): Route {
    const { routes } = this.#mapped(this.listedModels());
    let route = routes.get(askedModel);
    if (route === undefined) {
      route = routeOf(askedModel, this.settings, this.#lists.all());
      // Clients ask for a handful of names; who sends many is not to fill the memory.
      if (routes.size < keptRoutes) routes.set(askedModel, route);
    }
    return route;
  }

  profileOf(model: string): ReturnType<typeof resolveProfile> {
    return resolveProfile(model, this.settings.profiles);
  }

  upstreamOf(id: string): Upstream {
    const upstream = this.#upstreams.get(id);
    if (upstream) return upstream;
    throw new StrelkaError('internal', `The mapping names the upstream "${id}", which the settings do not define.`);
  }

  roughTokens(model: string, estimated: number): number {
    return Math.floor(this.calibration.estimates.correct(model, estimated) * (1 - estimateError));
  }

  windowOf(target: Target): number {
    const { model, contextWindow } = this.standby.status;
    const local = this.#fallbackTarget();
    if (contextWindow !== null && target.upstream === local?.upstream && target.model === model) return contextWindow;
    return this.profileOf(target.model).contextWindow;
  }

  timeoutsOf(target: Target): CallTimeouts {
    const { timeouts, mode } = this.settings;
    const local = this.#fallbackTarget();
    if (this.standby.status.state !== 'warm' || mode !== 'auto' || target.upstream === local?.upstream) return timeouts;
    const usualMs = this.supervisor.firstPartMs(target, 0.99);
    if (usualMs === undefined) return timeouts;
    return { ...timeouts, firstByteMs: Math.min(timeouts.firstByteMs, Math.max(shortestFirstByteMs, 2 * usualMs)) };
  }

  /** Asked several times an exchange, and changed only by settings and lists. */
  #mapped(listed: ListedModels): Mapped {
    const basis = [this.settings, ...listed.values()];
    const known = this.#lastMapped;
    if (known && known.basis.length === basis.length && known.basis.every((part, index) => part === basis[index]))
      return known;
    const tiers = {
      big: targetsOfTier('big', this.settings, listed),
      middle: targetsOfTier('middle', this.settings, listed),
      small: targetsOfTier('small', this.settings, listed),
    };
    this.#lastMapped = { basis, tiers, routes: new Map() };
    return this.#lastMapped;
  }

  #fallbackTarget(): Target | undefined {
    const upstream = this.settings.upstreams.find(({ kind }) => kind === 'ollama');
    const { model } = this.settings.standby;
    return upstream && model !== null ? { upstream: upstream.id, model } : undefined;
  }

  listedModels(): ReadonlyMap<string, readonly string[]> {
    // Reading an old list makes a fresh one be fetched; nothing waits for it.
    for (const id of this.#upstreams.keys()) this.#lists.get(id);
    return this.#lists.all();
  }

  /** Applies what can change while exchanges run: those in flight keep the upstream that they began with. */
  apply(settings: Settings, secrets: Secrets): void {
    const reconnect = settings.timeouts.connectMs !== this.settings.timeouts.connectMs;
    const newKeys = settings.upstreams
      .map(({ id }) => id)
      .filter((id) => String(this.secrets.upstreamKeys[id]) !== String(secrets.upstreamKeys[id]));
    const isElsewhere =
      newKeys.length > 0 ||
      !isDeepStrictEqual([settings.upstreams, settings.standby], [this.settings.upstreams, this.settings.standby]);
    this.settings = settings;
    this.secrets = secrets;
    if (reconnect) this.#reconnect();
    else this.#makeUpstreams();
    this.supervisor.applied(newKeys);
    if (isElsewhere) void this.prober.look();
  }

  #reconnect(): void {
    const old = this.#connections;
    this.#connections = new Connections(this.settings.timeouts.connectMs);
    void old.close().catch((cause: unknown) => this.#log.debug('old connections', { error: String(cause) }));
    this.#makeUpstreams();
  }

  async close(): Promise<void> {
    this.prober.close();
    this.#lists.close();
    await Promise.all([this.tokens.close(), this.pdfs.close(), this.#connections.destroy(), this.#demo?.close()]);
  }

  #makeUpstreams(): void {
    this.#upstreams = new Map(
      this.settings.upstreams.map((setting, position) => [
        setting.id,
        makeUpstream(setting, {
          connections: this.#connections,
          keys: this.secrets.upstreamKeys[setting.id] ?? [],
          rings: this.#rings,
          requestsPerSecond: this.settings.limits.requestsPerSecond,
          demoUrl: this.#demoUrlOf(setting, position),
          standby: this.settings.standby,
        }),
      ]),
    );
    this.standby.use({
      ollama: [...this.#upstreams.values()].find((upstream) => upstream instanceof Ollama),
      model: this.settings.standby.model,
    });
  }

  /** The simulated upstreams stand in for the first upstream and for Ollama. */
  #demoUrlOf({ kind }: UpstreamSetting, position: number): string | undefined {
    if (kind === 'ollama') return this.#demo?.ollamaUrl;
    return position === 0 ? this.#demo?.cloudUrl : undefined;
  }
}
