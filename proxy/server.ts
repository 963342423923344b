import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorEnvelope } from './anthropic/error-envelope.ts';
import { type Call, clientLeft, doorOf, headerOf, sendError } from './call.ts';
import { StrelkaError, toStrelkaError, wireFormOf } from './errors.ts';
import { Exchange, type ExchangeObserver } from './exchange.ts';
import { checkKey, checkOrigin, type GuardOptions } from './guard.ts';
import { readJsonBody } from './request-body.ts';
import { findRoute } from './router.ts';
import type { Services } from './services.ts';

export interface ServerOptions {
  services: Services;
  observer: ExchangeObserver;
  /** Read for each request: keys and hosts change live. */
  guard: () => GuardOptions & { clientKey: string; bodyLimit: number };
  health: () => Record<string, unknown>;
  /** Shorter times, for tests. */
  patience?: Patience;
}

/** How long a slow or broken client may hold a connection with half a request. All in milliseconds. */
export interface Patience {
  headersMs: number;
  requestMs: number;
  /** How often connections are looked at. */
  checkMs: number;
}

const usualPatience: Patience = { headersMs: 15_000, requestMs: 120_000, checkMs: 5_000 };
/** A refused body may run out for so long; then its connection is cut. */
const refusedBodyMs = 5_000;

/** The HTTP side of the gateway: every request enters here and every error is told here. */
export class GatewayServer {
  readonly #options: ServerOptions;
  readonly #running = new Set<AbortController>();
  readonly #idle = new Set<() => void>();
  /** The answer that is due on a connection: once it has begun, nothing else may be written there. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>();
  #draining = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** @returns a server that is not listening yet; one for each address */
  create(): Server {
    const patience = this.#options.patience ?? usualPatience;
    const handle = (request: IncomingMessage, response: ServerResponse): void => void this.#handle(request, response);
    const server = createServer(
      {
        headersTimeout: patience.headersMs,
        requestTimeout: patience.requestMs,
        connectionsCheckingInterval: patience.checkMs,
        // Node would refuse a request without a Host header in silence; the guard refuses it in words.
        requireHostHeader: false,
      },
      handle,
    );
    // Pooled connections of clients outlive pauses of an agent at work.
    server.keepAliveTimeout = 75_000;
    // An expectation that Node does not know is no reason to refuse; it would do so in silence.
    server.on('checkExpectation', handle);
    server.on('clientError', (cause: Error & { code?: string }, socket) => {
      const hasBegun = this.#answers.get(socket)?.headersSent === true;
      if (cause.code === 'ECONNRESET' || !socket.writable || hasBegun) socket.destroy();
      else refuseBrokenRequest(cause, socket);
    });
    return server;
  }

  /**
   * Lets exchanges in flight end, at most this long; then ends them with an error that clients retry.
   */
  async drain(milliseconds: number): Promise<void> {
    this.#draining = true;
    if (this.#running.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([late, new Promise<void>((resolve) => this.#idle.add(resolve))]);
    clearTimeout(timer);
    for (const controller of this.#running) controller.abort(draining());
    if (this.#running.size > 0)
      await Promise.race([
        new Promise<void>((resolve) => this.#idle.add(resolve)),
        new Promise<void>((resolve) => void setTimeout(resolve, 200).unref()),
      ]);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseTarget(request.url ?? '/');
    const path = url.pathname.replace(/^\/v1\/v1\//, '/v1/').replace(/(.)\/$/, '$1');
    const door = doorOf(request, path);
    const exchange = new Exchange({
      door,
      client: (headerOf(request, 'user-agent') ?? 'unknown').split(' ')[0]?.slice(0, 80) ?? 'unknown',
      session: headerOf(request, 'x-claude-code-session-id')?.slice(0, 80) ?? null,
    });
    const controller = new AbortController();
    const { socket } = request;
    if (!this.#answers.has(socket)) this.#answers.set(socket, response);
    response.once('close', () => {
      if (this.#answers.get(socket) === response) this.#answers.delete(socket);
      if (!response.writableFinished) controller.abort(clientLeft());
    });
    this.#running.add(controller);
    try {
      await this.#answer(request, response, { url, path, exchange, signal: controller.signal });
      exchange.outcome = 'answered';
    } catch (thrown) {
      const error = toStrelkaError(thrown);
      exchange.error = { kind: error.kind, message: error.message };
      exchange.outcome = error.kind === 'client-left' ? 'client-left' : 'failed';
      exchange.status = response.headersSent ? response.statusCode : wireFormOf(error.kind).status;
      this.#refuse(request, response, error, exchange);
    } finally {
      exchange.status ||= response.statusCode;
      exchange.endedAt = Date.now();
      this.#running.delete(controller);
      if (this.#running.size === 0) for (const resolve of this.#idle) resolve();
      this.#options.observer.closed(exchange);
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { url, path, exchange, signal }: Pick<Call, 'url' | 'exchange' | 'signal'> & { path: string },
  ): Promise<void> {
    const guard = this.#options.guard();
    checkOrigin(request, guard);
    const route = findRoute(request.method ?? 'GET', path);
    if (!route.open) checkKey(request, guard.clientKey);
    if (this.#draining) throw draining();
    const call: Call = {
      request,
      response,
      url,
      exchange,
      signal,
      readJson: () => readJsonBody(request, guard.bodyLimit),
    };
    await route.handle(call, this.#options);
  }

  /**
   * A body that is still coming is let run out for a moment, and the connection is not told to close: a socket that is
   * reset with unread bytes takes the answer with it.
   */
  #refuse(request: IncomingMessage, response: ServerResponse, error: StrelkaError, exchange: Exchange): void {
    sendError(response, error, exchange.id, exchange.facts.door);
    if (request.complete || response.destroyed) return;
    request.resume();
    setTimeout(() => {
      // By now the connection may serve another request.
      if (!request.complete) request.socket.destroy();
    }, refusedBodyMs).unref();
  }
}

/** Reads a request target of any form, `//` and whole addresses included; base addresses with a slash at their end make such. */
function parseTarget(target: string): URL {
  if (/^https?:\/\//i.test(target) && URL.canParse(target)) return new URL(target);
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  return new URL(`http://localhost/${path.replace(/^\/+/, '').replace(/\/{2,}/g, '/')}?${query}`);
}

function draining(): StrelkaError {
  return new StrelkaError('draining', 'Strelka is shutting down or restarting. Try again in a moment.', {
    retryAfter: 2,
  });
}

/** What Node's parser refuses never becomes a request; it still gets an answer that a person can read. */
function refuseBrokenRequest(cause: Error & { code?: string }, socket: Duplex): void {
  const late = cause.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const error = late
    ? new StrelkaError('slow-request', 'The request did not arrive in time.')
    : new StrelkaError('invalid-request', `This is not a valid HTTP request (${cause.code ?? cause.message}).`);
  const exchange = new Exchange({ door: 'messages', client: 'unknown', session: null });
  const body = JSON.stringify(errorEnvelope(error, exchange.id));
  const status = late ? '408 Request Timeout' : '400 Bad Request';
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\nrequest-id: ${exchange.id}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
