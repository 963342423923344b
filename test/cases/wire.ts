import type { Expectation, FailureCase } from './case.ts';

/** Short forms for writing cases: what stands on an upstream's wire, and what a client should see. */

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_767_000_000, model: 'zai-org/GLM-4.7' };

function object(types: Record<string, string>, required: string[]): Record<string, unknown> {
  const properties = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, { type }]));
  return { type: 'object', properties, required };
}

export const tools: readonly Record<string, unknown>[] = [
  { name: 'Read', input_schema: object({ file_path: 'string', limit: 'integer' }, ['file_path']) },
  { name: 'Write', input_schema: object({ file_path: 'string', content: 'string' }, ['file_path', 'content']) },
  { name: 'Bash', input_schema: object({ command: 'string' }, ['command']) },
  { name: 'get_current_time', input_schema: object({}, []) },
];

export function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** One chunk of the answer. */
export function delta(fields: Record<string, unknown> | null, finish: unknown = null, more: object = {}): string {
  return frame({ ...head, choices: [{ index: 0, delta: fields, finish_reason: finish, ...more }] });
}

export const role = delta({ role: 'assistant', content: '' });
export const done = 'data: [DONE]\n\n';
export const say = (content: unknown): string => delta({ content });
export const end = (reason: unknown): string => delta({}, reason);
export const calls = (...list: unknown[]): string => delta({ tool_calls: list });

/** An element of `tool_calls`; a field that is undefined is not sent. */
export function call(index: number | undefined, id: unknown, name: unknown, args?: unknown): object {
  return { index, id, type: 'function', function: { name, arguments: args } };
}

/** A further fragment of a call's arguments. */
export function more(index: number | undefined, args: unknown, id?: unknown): object {
  return { index, id, function: { arguments: args } };
}

export function usage(prompt: number, completion: number, more: object = {}): string {
  return frame({ ...head, choices: [], usage: { prompt_tokens: prompt, completion_tokens: completion, ...more } });
}

/** A whole unstreamed answer. */
export function completion(message: Record<string, unknown>, finish: unknown, more: object = {}): unknown {
  return {
    ...head,
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish, ...more }],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  };
}

interface Ask {
  /** Fields over the usual request. */
  request?: Record<string, unknown>;
  disconnect?: 'reset';
}

function base(
  id: string,
  title: string,
  stream: boolean,
  expect: Expectation[],
  ask: Ask,
): Omit<FailureCase, 'upstream'> {
  const request = {
    model: 'claude-sonnet-4-5',
    max_tokens: 4096,
    stream,
    messages: [{ role: 'user', content: 'Go on.' }],
    tools,
    ...ask.request,
  };
  return { id, title, class: 'own', tier: 'core', request, stream, expect_any: expect };
}

const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };

/** A streamed question whose answer comes in these frames. */
export function streamed(
  id: string,
  title: string,
  frames: string[],
  expect: Expectation[],
  ask: Ask = {},
): FailureCase {
  const disconnect = ask.disconnect ? { disconnect: ask.disconnect } : {};
  return {
    ...base(id, title, true, expect, ask),
    upstream: { status: 200, headers: eventStream, sse: frames, ...disconnect },
  };
}

/** A question whose answer is one body; `stream` says how the client asked. */
export function whole(
  id: string,
  title: string,
  answer: { status?: number; body: unknown; headers?: Record<string, string> },
  expect: Expectation[],
  stream = false,
  ask: Ask = {},
): FailureCase {
  const { status = 200, body, headers } = answer;
  const content = typeof body === 'string' ? { body_text: body } : { body };
  const upstream = { status, headers: { 'content-type': 'application/json', ...headers }, ...content };
  return { ...base(id, title, stream, expect, ask), upstream };
}

type Block = NonNullable<Expectation['blocks']>[number];

/** The message ends soundly with these blocks. */
export function message(stop_reason: string, blocks: Block[], more: Partial<Expectation> = {}): Expectation {
  return { terminal: 'message_stop', stop_reason, blocks, ...more };
}

export const text = (content: string): Block => ({ type: 'text', text: content });
export const thinking = (content: string): Block => ({ type: 'thinking', thinking: content, match: 'trim' });
export const use = (name: string, input: unknown): Block => ({ type: 'tool_use', name, input });

/** An answer that breaks: an error event behind what was said, or a status where nothing was. */
export function breaks(blocks?: Block[]): Expectation {
  return { terminal: 'error_event', error_type_any: ['api_error', 'overloaded_error'], ...(blocks ? { blocks } : {}) };
}

export function refusal(status: number, type: string, ...words: string[]): Expectation {
  return { terminal: 'http_error', http_status: status, error_type: type, error_message_contains: words };
}
