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
}

/** Times that a slow or broken client may hold a connection with half a request. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 120_000;

/** The HTTP side of the gateway: every request enters here and every error is told here. */
export class GatewayServer {
  readonly #options: ServerOptions;
  readonly #running = new Set<AbortController>();
  readonly #idle = new Set<() => void>();
  #draining = false;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** @returns a server that is not listening yet; one for each address */
  create(): Server {
    const server = createServer(
      { headersTimeout: headersTimeoutMs, requestTimeout: requestTimeoutMs, connectionsCheckingInterval: 5_000 },
      (request, response) => void this.#handle(request, response),
    );
    // Pooled connections of clients outlive pauses of an agent at work.
    server.keepAliveTimeout = 75_000;
    server.on('clientError', refuseBrokenRequest);
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
    const url = new URL(request.url ?? '/', 'http://localhost');
    const path = url.pathname.replace(/^\/v1\/v1\//, '/v1/').replace(/(.)\/+$/, '$1');
    const door = doorOf(request, path);
    const exchange = new Exchange({
      door,
      client: (headerOf(request, 'user-agent') ?? 'unknown').split(' ')[0]?.slice(0, 80) ?? 'unknown',
      session: headerOf(request, 'x-claude-code-session-id')?.slice(0, 80) ?? null,
    });
    const controller = new AbortController();
    response.once('close', () => {
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

  /** A body that is still coming is let run out for a moment: a socket reset would hide the answer from the client. */
  #refuse(request: IncomingMessage, response: ServerResponse, error: StrelkaError, exchange: Exchange): void {
    const unread = !request.complete;
    if (unread && !response.headersSent) response.setHeader('connection', 'close');
    sendError(response, error, exchange.id, exchange.facts.door);
    if (!unread || response.destroyed) return;
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), 5_000);
    request.once('close', () => clearTimeout(timer));
  }
}

function draining(): StrelkaError {
  return new StrelkaError('draining', 'Strelka is shutting down or restarting. Try again in a moment.', {
    retryAfter: 2,
  });
}

/** What Node's parser refuses never becomes a request; it still gets an answer that a person can read. */
function refuseBrokenRequest(cause: Error & { code?: string }, socket: Duplex): void {
  if (cause.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
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
