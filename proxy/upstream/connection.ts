import { Agent, EnvHttpProxyAgent } from 'undici';
import { StrelkaError } from '../errors.ts';
import { AnswerHandler, type HttpAnswer } from './answer-handler.ts';

/**
 * Keep-alive connections to the upstreams. HTTP(S)_PROXY and NO_PROXY are honoured, but never for the loopback: a
 * system proxy that swallows localhost is a known pain (peers.md 3.35). HTTP/2 stays off: one slow stream would hold
 * up the others of the same connection.
 */
export class Connections {
  readonly #direct: Agent;
  readonly #proxied: EnvHttpProxyAgent;

  /** @param connectMs for DNS, TCP and TLS together */
  constructor(connectMs: number) {
    // Times of an answer are kept by Deadline, to the millisecond and with words that tell which one it was.
    const options = {
      connect: { timeout: connectMs },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 30_000,
      allowH2: false,
    };
    this.#direct = new Agent(options);
    this.#proxied = new EnvHttpProxyAgent(options);
  }

  /**
   * @param url the whole address
   * @returns the answer once its headers are there, whatever its status
   * @throws StrelkaError 'upstream-unreachable', or the signal's reason
   */
  async request(url: URL, options: RequestOptions): Promise<HttpAnswer> {
    const dispatcher = isLoopback(url.hostname) ? this.#direct : this.#proxied;
    const handler = new AnswerHandler(options.signal, options.onSent);
    try {
      dispatcher.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: options.method,
          headers: options.headers,
          body: options.body ?? null,
        },
        handler,
      );
      return await handler.answer;
    } catch (cause) {
      throw describeTransportError(cause, url.host, options.signal);
    }
  }

  /** Closes idle connections at once and busy ones when their answer is over. */
  async close(): Promise<void> {
    await Promise.all([this.#direct.close(), this.#proxied.close()]);
  }

  /** Closes all connections at once. */
  async destroy(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#proxied.destroy()]);
  }
}

export interface RequestOptions {
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string | Buffer;
  signal: AbortSignal;
  /** Hears when a connection is there and the request goes out. */
  onSent?: () => void;
}

/** @returns true for localhost, 127.0.0.0/8 and ::1 */
export function isLoopback(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^127(?:\.\d{1,3}){3}$/.test(bare);
}

/**
 * @param cause what undici or the socket threw
 * @param host for the message
 * @returns the abort's own reason where there was one, else 'upstream-unreachable' or 'stream-broken'
 */
export function describeTransportError(cause: unknown, host: string, signal: AbortSignal): StrelkaError {
  if (signal.aborted && signal.reason instanceof StrelkaError) return signal.reason;
  if (cause instanceof StrelkaError) return cause;
  const code = transportCodeOf(cause);
  const why = transportWords[code] ?? `the connection failed (${code || String(cause)})`;
  return new StrelkaError('upstream-unreachable', `${host} can't be reached: ${why}.`, { cause });
}

/** @returns the system's or undici's code of a failed connection, '' where there is none */
export function transportCodeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null) return '';
  if ('code' in cause && typeof cause.code === 'string') return cause.code;
  // Happy eyeballs wraps one error per address.
  return 'errors' in cause && Array.isArray(cause.errors) ? transportCodeOf(cause.errors[0]) : '';
}

const transportWords: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is not known to DNS; check the address and your network',
  EAI_AGAIN: 'DNS does not answer; check your network',
  ECONNREFUSED: 'nothing listens there; check the address or start the server',
  ECONNRESET: 'it closed the connection; try again',
  EPIPE: 'it closed the connection; try again',
  UND_ERR_SOCKET: 'it closed the connection; try again',
  UND_ERR_CONNECT_TIMEOUT: 'it does not accept the connection in time; check your network',
  ETIMEDOUT: 'it does not accept the connection in time; check your network',
  EHOSTUNREACH: 'there is no route to it; check your network or VPN',
  ENETUNREACH: 'there is no network; check your connection',
  CERT_HAS_EXPIRED: 'its certificate has expired; check the clock of this computer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; set NODE_EXTRA_CA_CERTS to the right authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted; set NODE_EXTRA_CA_CERTS to the right authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted; set NODE_EXTRA_CA_CERTS to the right authority',
};
