import type { Settings } from './contract/settings.ts';
import { StrelkaError } from './errors.ts';
import { type Route, routeOf } from './failover/routes.ts';
import type { Log } from './log.ts';
import { resolveProfile } from './profile/resolve.ts';
import type { Services } from './services.ts';
import { TokenCalibration } from './translate/token-calibration.ts';
import { TokenCounter } from './translate/token-count.ts';
import { Connections } from './upstream/connection.ts';
import { startDemo } from './upstream/demo/start.ts';
import { makeUpstream } from './upstream/index.ts';
import { ModelLists } from './upstream/model-list.ts';
import type { Upstream } from './upstream/upstream.ts';

/** Keys. They live here and in the upstreams' headers, never in settings, log or journal. */
export interface Secrets {
  clientKey: string;
  /** Upstream id -> keys, tried in rotation. */
  upstreamKeys: Readonly<Record<string, readonly string[]>>;
}

type Demo = Awaited<ReturnType<typeof startDemo>>;

/** What runs behind the front doors: upstreams, their model lists, token counting. Settings change it live. */
export class Runtime implements Services {
  readonly tokens = new TokenCounter();
  readonly calibration: TokenCalibration;
  settings: Settings;
  secrets: Secrets;
  readonly #log: Log;
  #connections: Connections;
  #upstreams = new Map<string, Upstream>();
  readonly #lists = new ModelLists((id, signal) => this.upstreamOf(id).listModels(signal), performance);
  readonly #demo: Demo | undefined;

  private constructor(settings: Settings, secrets: Secrets, log: Log, demo: Demo | undefined) {
    this.settings = settings;
    this.secrets = secrets;
    this.#log = log;
    this.#demo = demo;
    this.calibration = new TokenCalibration(this.tokens, log);
    this.#connections = new Connections(settings.timeouts.connectMs);
    this.#makeUpstreams();
  }

  /** @param demo the built-in simulated upstreams stand in for the first upstream */
  static async start(settings: Settings, secrets: Secrets, log: Log, demo: boolean): Promise<Runtime> {
    let runtime: Runtime | undefined;
    const fault = (): Settings['demo']['fault'] => runtime?.settings.demo.fault ?? settings.demo.fault;
    runtime = new Runtime(settings, secrets, log, demo ? await startDemo({ fault, log }) : undefined);
    return runtime;
  }

  routeOf(askedModel: string): Route {
    return routeOf(askedModel, this.settings, this.listedModels());
  }

  profileOf(model: string): ReturnType<typeof resolveProfile> {
    return resolveProfile(model, this.settings.profiles);
  }

  upstreamOf(id: string): Upstream {
    const upstream = this.#upstreams.get(id);
    if (upstream) return upstream;
    throw new StrelkaError('internal', `The mapping names the upstream "${id}", which the settings do not define.`);
  }

  listedModels(): ReadonlyMap<string, readonly string[]> {
    // Reading an old list makes a fresh one be fetched; nothing waits for it.
    for (const id of this.#upstreams.keys()) this.#lists.get(id);
    return this.#lists.all();
  }

  /** Applies what can change while exchanges run: those in flight keep the upstream that they began with. */
  apply(settings: Settings, secrets: Secrets): void {
    const reconnect = settings.timeouts.connectMs !== this.settings.timeouts.connectMs;
    this.settings = settings;
    this.secrets = secrets;
    if (reconnect) {
      const old = this.#connections;
      this.#connections = new Connections(settings.timeouts.connectMs);
      void old.close().catch((cause: unknown) => this.#log.debug('old connections', { error: String(cause) }));
    }
    this.#makeUpstreams();
  }

  async close(): Promise<void> {
    this.#lists.close();
    await Promise.all([this.tokens.close(), this.#connections.destroy(), this.#demo?.close()]);
  }

  #makeUpstreams(): void {
    this.#upstreams = new Map(
      this.settings.upstreams.map((setting, position) => [
        setting.id,
        makeUpstream(setting, {
          connections: this.#connections,
          keys: this.secrets.upstreamKeys[setting.id] ?? [],
          demoUrl: position === 0 ? this.#demo?.cloudUrl : undefined,
        }),
      ]),
    );
  }
}
