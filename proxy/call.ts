import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorEnvelope } from './anthropic/error-envelope.ts';
import { StrelkaError, wireFormOf } from './errors.ts';
import type { Door, Exchange } from './exchange.ts';
import { chatErrorEnvelope } from './openai/error-envelope.ts';

/** One HTTP request at the gateway, once it has passed the door's checks. */
export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  exchange: Exchange;
  /** Aborts when the client leaves or the gateway closes; its reason is a StrelkaError. */
  signal: AbortSignal;
  /**
   * @returns the parsed body
   * @throws StrelkaError 'invalid-json', 'body-too-large', 'client-left'
   */
  readJson(): Promise<unknown>;
}

/** @returns the exchange's id under the names that Anthropic's and OpenAI's SDKs read */
export function requestIdHeaders(id: string): Record<string, string> {
  return { 'request-id': id, 'x-request-id': id };
}

/** Sends a whole JSON answer. */
export function sendJson(call: Call, status: number, body: unknown): void {
  send(call.response, status, body, requestIdHeaders(call.exchange.id));
}

/**
 * Sends an error in the envelope of the door (protocol.md 1.8, 2). Does nothing where an answer has begun already.
 * @param door whose envelope the client understands
 */
export function sendError(response: ServerResponse, error: StrelkaError, requestId: string, door: Door): void {
  if (response.headersSent || response.destroyed) return;
  const form = wireFormOf(error.kind);
  const headers: Record<string, string> = requestIdHeaders(requestId);
  if (form.shouldRetry !== undefined) headers['x-should-retry'] = String(form.shouldRetry);
  if (error.detail.retryAfter !== undefined) headers['retry-after'] = String(error.detail.retryAfter);
  const body = door === 'messages' ? errorEnvelope(error, requestId) : chatErrorEnvelope(error);
  send(response, form.status, body, headers);
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string>): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}

/** @returns a header's single value */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** @returns which envelope and model shape this client understands: only Anthropic's clients send these headers */
export function doorOf(request: IncomingMessage, path: string): Door {
  if (path.startsWith('/v1/messages')) return 'messages';
  if (path.startsWith('/v1/chat')) return 'chat-completions';
  const anthropic = request.headers['anthropic-version'] ?? request.headers['x-api-key'];
  return anthropic === undefined ? 'chat-completions' : 'messages';
}

/** The error for a client that closed its connection. Nobody reads it: it only ends what is still running. */
export function clientLeft(): StrelkaError {
  return new StrelkaError('client-left', 'The client closed the connection.');
}
