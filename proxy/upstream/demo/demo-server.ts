import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Log } from '../../log.ts';

/** A request as a simulated server reads it. */
export interface DemoRequest {
  method: string;
  /** Without the query string. */
  path: string;
  /** Parsed JSON; undefined where the body is empty or no JSON. */
  body: unknown;
  /** Fires when the client leaves before the answer is whole. */
  signal: AbortSignal;
}

export type DemoHandler = (request: DemoRequest, response: ServerResponse) => Promise<void>;

export interface DemoServer {
  /** Without a slash at the end. */
  url: string;
  close(): Promise<void>;
}

/** A little more than the gateway's own default, so that its limit is the one that is met. */
const bodyLimit = 80 * 1024 * 1024;

/**
 * Starts a simulated server on a free port of the loopback.
 * @param name what the log calls it
 * @returns once it listens; close ends connections under way
 */
export async function startDemoServer(name: string, handle: DemoHandler, log: Log): Promise<DemoServer> {
  const server = createServer((incoming, response) => {
    const left = new AbortController();
    response.once('close', () => left.abort());
    serve(incoming, response, handle, left.signal).catch((thrown: unknown) => {
      if (left.signal.aborted) log.debug(`${name}: the client left`, { path: incoming.url });
      else log.error(`${name} failed`, { path: incoming.url, reason: String(thrown) });
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  handle: DemoHandler,
  signal: AbortSignal,
): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > bodyLimit) return sendJson(response, 413, { detail: 'Request Entity Too Large' });
    chunks.push(chunk);
  }
  const path = new URL(incoming.url ?? '/', 'http://demo').pathname;
  await handle({ method: incoming.method ?? 'GET', path, body: parseBody(Buffer.concat(chunks)), signal }, response);
}

function parseBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // The handlers answer a body that is no JSON as they answer one of a wrong shape.
    return undefined;
  }
}

/** Answers with one JSON value. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(value));
}
