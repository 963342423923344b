import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Settings } from './contract/settings.ts';
import type { Status } from './contract/status.ts';
import type { ExchangeObserver } from './exchange.ts';
import { describeExchange } from './exchange-log.ts';
import type { Log } from './log.ts';
import { Runtime, type Secrets } from './runtime.ts';
import { GatewayServer } from './server.ts';
import { isLoopback } from './upstream/connection.ts';

export type { Secrets } from './runtime.ts';

export interface GatewayOptions {
  settings: Settings;
  secrets: Secrets;
  version: string;
  log: Log;
  /** Answers with the built-in simulated upstreams. */
  demo: boolean;
}

/** The running gateway, as a shell sees it. */
export interface Gateway {
  /** http://127.0.0.1:8082 */
  url: string;
  port: number;
  /** Applies what can change live: mapping, limits, timeouts, thinking, profiles, upstreams, mode, demo fault, keys. */
  apply(settings: Settings, secrets: Secrets): Promise<void>;
  /** What `strelka status --json` tells. */
  status(): Status;
  /** Looks at all upstreams now. */
  check(): Promise<void>;
  /** The machine goes to sleep. */
  suspend(): void;
  /** It is back: connections are renewed, and the failures of the next seconds don't count. */
  resume(): void;
  /** Stops accepting, waits for exchanges in flight at most this long, then ends them with an error. */
  drain(milliseconds: number): Promise<void>;
}

/**
 * Starts the gateway: the whole of proxy/ behind one call, for both shells.
 * @throws the system's error with its code (EADDRINUSE, EACCES) where the address can't be had
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, version, demo } = options;
  const { host, port: wanted } = options.settings.server;
  const runtime = await Runtime.start(options.settings, options.secrets, log, demo);
  const observer: ExchangeObserver = {
    closed: (exchange) => describeExchange(exchange, log),
  };
  let port = wanted;
  const front = new GatewayServer({
    services: runtime,
    observer,
    guard: () => ({
      host,
      port,
      allowedHosts: runtime.settings.server.allowedHosts,
      clientKey: runtime.secrets.clientKey,
      bodyLimit: runtime.settings.server.bodyLimitMb * 1024 * 1024,
    }),
    health: () => ({ status: 'ok', version, mode: runtime.settings.mode, state: runtime.supervisor.state, demo }),
  });
  const servers: Server[] = [];
  try {
    const first = front.create();
    port = await listen(first, host, wanted);
    servers.push(first);
    // Clients that resolve localhost to ::1 first get an answer there too.
    if (host === '127.0.0.1') servers.push(...(await listenBeside(front.create(), port, log)));
  } catch (cause) {
    await runtime.close();
    throw cause;
  }
  if (!isLoopback(host))
    log.warn(
      `Listening on ${host}: every machine that reaches this one can use your cloud.ru key with the client key. Unset HOST to listen on this machine only.`,
    );
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url,
    port,
    apply: (settings, secrets) => Promise.resolve(runtime.apply(settings, secrets)),
    status: () => describeGateway(runtime, { version, demo, url }),
    check: () => runtime.prober.look(),
    suspend: () => runtime.prober.suspend(),
    resume: () => runtime.prober.resume(),
    drain: async (milliseconds) => {
      for (const server of servers) server.close();
      for (const server of servers) server.closeIdleConnections();
      await front.drain(milliseconds);
      for (const server of servers) server.closeAllConnections();
      await runtime.close();
    },
  };
}

function describeGateway(runtime: Runtime, facts: Pick<Status, 'version' | 'demo' | 'url'>): Status {
  const { standby, ...failover } = runtime.supervisor.status();
  return {
    ...facts,
    ...failover,
    standby: { ...runtime.standby.status, ...standby },
    events: [...runtime.events.list()],
  };
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  // Rejects with the server's error event.
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** The IPv6 loopback is a convenience: without it, or with its port taken, the gateway runs on IPv4 alone. */
async function listenBeside(server: Server, port: number, log: Log): Promise<Server[]> {
  try {
    await listen(server, '::1', port);
    return [server];
  } catch (cause) {
    log.debug('not listening on [::1]', { reason: String(cause) });
    return [];
  }
}
