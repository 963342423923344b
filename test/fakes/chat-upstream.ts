import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type ScriptedAnswer, writeCompletion, writeFrames } from './chat-answer.ts';

const chatBodySchema = z.looseObject({
  model: z.string(),
  messages: z.array(
    z.looseObject({
      role: z.string(),
      content: z
        .union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])
        .nullish(),
      reasoning_content: z.string().nullish(),
      tool_call_id: z.string().optional(),
      tool_calls: z
        .array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
        .optional(),
    }),
  ),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).optional(),
  stream: z.boolean().optional(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
});

/** A chat completions request as it came, unknown fields included. */
export type RecordedBody = z.infer<typeof chatBodySchema>;
export type RecordedMessage = RecordedBody['messages'][number];

export interface RecordedRequest {
  headers: IncomingHttpHeaders;
  body: RecordedBody;
  /** Aborted when the client hangs up before the answer is out. */
  signal: AbortSignal;
}

/**
 * Decides the answer to one request. May be async, to hold an answer back until the test lets it go.
 * @param turn how many chat requests came before this one
 */
export type Script = (request: RecordedRequest, turn: number) => ScriptedAnswer | Promise<ScriptedAnswer>;

export interface ChatUpstream extends AsyncDisposable {
  /** With the version, as OPENAI_BASE_URL wants it: http://127.0.0.1:PORT/v1 */
  readonly url: string;
  /** Every chat request so far, in the order of arrival. */
  readonly requests: readonly RecordedRequest[];
  /** Ends open connections and the server. */
  close(): Promise<void>;
}

/**
 * A scripted cloud.ru on loopback: POST /v1/chat/completions, streamed and not, in the exact wire format
 * (protocol.md 3), and GET /v1/models. A body that is no chat request gets vLLM's 400 and is not recorded; a script
 * that throws gets a 500 with its message, so that a failed assertion in it is not lost.
 * @param models the ids that GET /v1/models lists
 */
export async function startChatUpstream(script: Script, models: string[] = ['zai-org/GLM-4.7']): Promise<ChatUpstream> {
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendError(response, 500, 'InternalServerError', error instanceof Error ? error.message : String(error));
    });
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(incoming.url ?? '/', 'http://localhost').pathname;
    if (incoming.method === 'GET' && path === '/v1/models') {
      const data = models.map((id) => ({ id, object: 'model', created: 1_795_000_000, owned_by: 'fake' }));
      sendJson(response, 200, { object: 'list', data });
      return;
    }
    if (incoming.method !== 'POST' || path !== '/v1/chat/completions') {
      sendJson(response, 404, { detail: 'Not Found' });
      return;
    }
    const body = parseBody(await readText(incoming));
    if (body === undefined) {
      sendError(response, 400, 'BadRequestError', 'The body is not a chat completions request.');
      return;
    }
    const turn = requests.length;
    const request = { headers: incoming.headers, body, signal: signalOf(response) };
    requests.push(request);
    await send(await script(request, turn), request, turn, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fake upstream has no TCP port.');
  const close = () =>
    new Promise<void>((resolve, reject) => {
      server.close((error) => (error === undefined ? resolve() : reject(error)));
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${address.port}/v1`, requests, close, [Symbol.asyncDispose]: close };
}

async function send(
  answer: ScriptedAnswer,
  request: RecordedRequest,
  turn: number,
  response: ServerResponse,
): Promise<void> {
  if (answer.delayMs !== undefined) await pause(answer.delayMs);
  const status = answer.status ?? 200;
  if (answer.body !== undefined || status !== 200) {
    const { body = '', headers } = answer;
    if (typeof body === 'object') sendJson(response, status, body, headers);
    else response.writeHead(status, headers).end(body);
    return;
  }
  const identity = { id: `chatcmpl-fake-${turn}`, model: request.body.model };
  if (request.body.stream !== true) {
    sendJson(response, 200, writeCompletion(answer, identity), answer.headers);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', ...answer.headers });
  const frames = writeFrames(answer, identity, request.body.stream_options?.include_usage === true);
  for (const frame of frames.slice(0, answer.cutAfterFrames)) {
    // One write a frame, each waited for: frames arrive apart, as they do from a model.
    await new Promise<void>((resolve) => response.write(`data: ${frame}\n\n`, () => resolve()));
  }
  if (answer.cutAfterFrames === undefined) response.end();
  else response.socket?.resetAndDestroy();
}

/** @returns the text of a message, whichever of its two forms it has; other kinds of content parts are left out */
export function textOf(message: RecordedMessage): string {
  const { content } = message;
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

function parseBody(raw: string): RecordedBody | undefined {
  try {
    return chatBodySchema.safeParse(JSON.parse(raw)).data;
  } catch {
    return undefined; // Not JSON: the caller answers 400, as it does for any other body that is no chat request.
  }
}

function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, type: string, message: string): void {
  sendJson(response, status, { error: { message, type, param: null, code: status } });
}
