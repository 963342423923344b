import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { z } from 'zod';
import type { ScriptedCall } from './chat-dialect.ts';

/** As strict as Go's decoder (protocol.md 5): a wrong type in a known field is a 400, an unknown field is not read. */
const chatBodySchema = z.looseObject({
  model: z.string(),
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'user', 'assistant', 'tool']),
        content: z.string(),
        thinking: z.string().optional(),
        images: z.array(z.base64()).optional(),
        tool_calls: z
          .array(z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.looseObject({}) }) }))
          .optional(),
        tool_name: z.string().optional(),
      }),
    )
    .default([]),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({
          name: z.string(),
          description: z.string().optional(),
          parameters: z.looseObject({ type: z.string(), properties: z.record(z.string(), z.looseObject({})) }),
        }),
      }),
    )
    .optional(),
  think: z.union([z.boolean(), z.enum(['low', 'medium', 'high'])]).optional(),
  format: z.union([z.literal('json'), z.looseObject({})]).optional(),
  stream: z.boolean().optional(),
  keep_alive: z.union([z.number(), z.string().regex(/^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/)]).optional(),
  truncate: z.boolean().optional(),
  shift: z.boolean().optional(),
  options: z.looseObject({ num_ctx: z.int().optional(), num_predict: z.int().optional() }).optional(),
});

/** A request to POST /api/chat as it came. */
export type OllamaBody = z.infer<typeof chatBodySchema>;

/** What the fake answers to one chat. The first group is a model's answer, the second breaks it. */
export interface OllamaAnswer {
  thinking?: string;
  text?: string;
  toolCalls?: ScriptedCall[];
  doneReason?: string;
  usage?: { prompt_eval_count?: number; eval_count?: number };

  /** 200 when absent. Any other needs `body`. */
  status?: number;
  /** Sent as it is in place of a model's answer; an object is sent as JSON. */
  body?: string | object;
  /** Lines behind the answer's words and before its end, sent as they are. */
  rawLines?: string[];
  /** The stream ends without the line that says `done`. */
  omitDone?: boolean;
  /** The socket is reset behind this many lines. */
  cutAfterLines?: number;
  /** The last line has no line break. */
  omitLastBreak?: boolean;
}

export interface FakeModel {
  name: string;
  contextLength: number;
  /** Absent: as of an Ollama too old to tell. */
  capabilities?: string[];
  family?: string;
}

export type OllamaScript = (body: OllamaBody, turn: number) => OllamaAnswer | Promise<OllamaAnswer>;

export interface FakeOllama extends AsyncDisposable {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Every chat with messages so far. */
  readonly chats: readonly OllamaBody[];
  /** Chats without messages: loads. */
  readonly loads: readonly OllamaBody[];
  /** "GET /api/tags" of every request so far. */
  readonly paths: readonly string[];
  /** Name -> the context that the model is loaded for. A test may put models in and take them out. */
  readonly loaded: Map<string, number>;
  models: FakeModel[];
  /** Decides the answer to a load; undefined lets it work. */
  onLoad: (body: OllamaBody) => OllamaAnswer | undefined | Promise<OllamaAnswer | undefined>;
  close(): Promise<void>;
}

export const coder: FakeModel = {
  name: 'qwen3-coder:30b',
  contextLength: 262_144,
  capabilities: ['completion', 'tools'],
  family: 'qwen3moe',
};
export const thinker: FakeModel = {
  name: 'glm-4.7-flash:latest',
  contextLength: 202_752,
  capabilities: ['completion', 'tools', 'thinking'],
  family: 'glm4moelite',
};
export const harmony: FakeModel = {
  name: 'gpt-oss:20b',
  contextLength: 131_072,
  capabilities: ['completion', 'tools', 'thinking'],
  family: 'gptoss',
};
export const seer: FakeModel = {
  name: 'qwen3.5:9b',
  contextLength: 262_144,
  capabilities: ['completion', 'tools', 'vision', 'thinking'],
  family: 'qwen35',
};

/** A scripted Ollama on loopback with the native wire format (protocol.md 5). */
export async function startFakeOllama(
  script: OllamaScript = () => ({ text: 'Hello from the local model.' }),
  models: FakeModel[] = [coder, thinker, harmony, seer],
): Promise<FakeOllama> {
  const chats: OllamaBody[] = [];
  const loads: OllamaBody[] = [];
  const paths: string[] = [];
  const loaded = new Map<string, number>();
  const server = createServer((incoming, response) => {
    answer(incoming, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: error instanceof Error ? error.message : String(error) });
    });
  });

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = `${incoming.method} ${incoming.url}`;
    paths.push(path);
    if (path === 'GET /api/version') return sendJson(response, 200, { version: '0.33.0' });
    if (path === 'GET /api/tags')
      return sendJson(response, 200, { models: fake.models.map(({ name }) => ({ name, model: name, size: 19e9 })) });
    if (path === 'GET /api/ps') {
      const running = [...loaded].map(([name, length]) => ({ name, model: name, context_length: length }));
      return sendJson(response, 200, { models: running });
    }
    const raw = await readText(incoming);
    if (path === 'POST /api/show') return show(raw, response);
    if (path === 'POST /api/chat') return chat(raw, response);
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
  }

  function find(name: string): FakeModel | undefined {
    return fake.models.find((model) => model.name === name || model.name === `${name}:latest`);
  }

  async function show(raw: string, response: ServerResponse): Promise<void> {
    const { model: name } = z.looseObject({ model: z.string() }).parse(JSON.parse(raw));
    const model = find(name);
    if (!model) return sendJson(response, 404, { error: `model '${name}' not found` });
    const family = model.family ?? 'llama';
    sendJson(response, 200, {
      details: { family },
      model_info: { 'general.architecture': family, [`${family}.context_length`]: model.contextLength },
      ...(model.capabilities && { capabilities: model.capabilities }),
    });
  }

  async function chat(raw: string, response: ServerResponse): Promise<void> {
    const parsed = chatBodySchema.safeParse(JSON.parse(raw));
    if (!parsed.success)
      return sendJson(response, 400, { error: `json: cannot unmarshal: ${z.prettifyError(parsed.error)}` });
    const body = parsed.data;
    const model = find(body.model);
    if (!model) return sendJson(response, 404, { error: `model '${body.model}' not found` });
    const can = (capability: string) => model.capabilities?.includes(capability) ?? capability === 'tools';
    const library = `registry.ollama.ai/library/${model.name}`;
    if (body.tools && !can('tools')) return sendJson(response, 400, { error: `${library} does not support tools` });
    if (body.think && !can('thinking'))
      return sendJson(response, 400, { error: `"${model.name}" does not support thinking` });
    const isLoad = body.messages.length === 0;
    const turn = chats.length;
    (isLoad ? loads : chats).push(body);
    const scripted = isLoad ? await fake.onLoad(body) : await script(body, turn);
    if (scripted?.status !== undefined && scripted.status !== 200) return sendWhole(response, scripted);
    loaded.set(model.name, Math.min(body.options?.num_ctx ?? 4096, model.contextLength));
    if (isLoad)
      return sendJson(response, 200, { ...lineOf(body.model, { content: '' }), done: true, done_reason: 'load' });
    if (scripted?.body !== undefined) return sendWhole(response, scripted);
    await sendAnswer(body, scripted ?? {}, response);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The fake Ollama has no TCP port.');
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const fake: FakeOllama = {
    url: `http://127.0.0.1:${address.port}`,
    chats,
    loads,
    paths,
    loaded,
    models,
    onLoad: () => undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
  return fake;
}

async function sendAnswer(body: OllamaBody, answer: OllamaAnswer, response: ServerResponse): Promise<void> {
  const calls = (answer.toolCalls ?? []).map((call) => ({ function: { name: call.name, arguments: call.arguments } }));
  const end = {
    done: true,
    done_reason: answer.doneReason ?? 'stop',
    total_duration: 1_000_000,
    ...(answer.usage ?? { prompt_eval_count: 120, eval_count: 40 }),
  };
  if (body.stream === false) {
    const { thinking, text = '' } = answer;
    const message = { content: text, ...(thinking && { thinking }), ...(calls.length > 0 && { tool_calls: calls }) };
    return sendJson(response, 200, { ...lineOf(body.model, message), ...end });
  }
  const words = [
    ...cut(answer.thinking ?? '').map((thinking) => ({ content: '', thinking })),
    ...cut(answer.text ?? '').map((content) => ({ content })),
    // Each call is a line of its own, as Ollama's parsers find them.
    ...calls.map((call) => ({ content: '', tool_calls: [call] })),
  ];
  const lines = [
    ...words.map((message) => JSON.stringify({ ...lineOf(body.model, message), done: false })),
    ...(answer.rawLines ?? []),
    ...(answer.omitDone ? [] : [JSON.stringify({ ...lineOf(body.model, { content: '' }), ...end })]),
  ];
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const sent = lines.slice(0, answer.cutAfterLines);
  for (const [index, line] of sent.entries()) {
    const lineBreak = answer.omitLastBreak && index === sent.length - 1 ? '' : '\n';
    // One write a line, each waited for: lines arrive apart, as they do from a model.
    await new Promise<void>((resolve) => response.write(line + lineBreak, () => resolve()));
  }
  if (answer.cutAfterLines === undefined) response.end();
  else response.socket?.resetAndDestroy();
}

function lineOf(model: string, message: object): object {
  return { model, created_at: '2026-11-20T09:00:00Z', message: { role: 'assistant', ...message } };
}

function sendWhole(response: ServerResponse, { status = 200, body = '' }: OllamaAnswer): void {
  if (typeof body === 'object') sendJson(response, status, body);
  else response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** By code points, so that no line holds half a surrogate pair. */
function cut(text: string): string[] {
  return [...text].reduce<string[]>((pieces, character, index) => {
    if (index % 7 === 0) pieces.push('');
    pieces[pieces.length - 1] += character;
    return pieces;
  }, []);
}
