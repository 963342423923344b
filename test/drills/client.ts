import { observe } from '../cases/observe.ts';
import { clientKey } from '../fakes/gateway.ts';
import type { Scene } from './world.ts';

/** One question to the gateway. */
export interface Ask {
  door: 'messages' | 'chat';
  streamed: boolean;
  scene: Scene;
  session?: string;
  model?: string;
  /** The client wants to see the thinking. */
  thinking?: boolean;
  /** Earlier messages, in the form of the door; the question follows them. */
  history?: readonly object[];
  /** Calls that the history ends with: the question is then their results, and no new turn. */
  answersCalls?: readonly SeenCall[];
  /** The client hangs up: before anything can have come, or at the first bytes. */
  leaves?: 'at-once' | 'in-answer';
}

export interface SeenCall {
  id: string;
  name: string;
  input: unknown;
}

/** What the client got. */
export interface Seen {
  kind: 'message' | 'error' | 'left';
  status: number;
  /** Something of an answer came before the error. */
  begun: boolean;
  errorType: string;
  message: string;
  text: string;
  calls: SeenCall[];
  stopReason: string;
  retryAfter: string | null;
  exchange: string;
  /** Rules of the protocol that were broken. */
  violations: string[];
  ttftMs: number;
}

const parameters = { type: 'object', properties: { file_path: { type: 'string' }, attempt: { type: 'string' } } };

/** Asks, reads to the end, and tells what came. Rejects where the connection breaks without the client's doing. */
export async function ask(url: string, question: Ask): Promise<Seen> {
  const leaving = new AbortController();
  const startedAt = performance.now();
  try {
    const pending = fetch(url + pathOf[question.door], {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': clientKey,
        'anthropic-version': '2023-06-01',
        ...(question.session && { 'x-claude-code-session-id': question.session }),
      },
      body: JSON.stringify(question.door === 'messages' ? messagesBody(question) : chatBody(question)),
      signal: leaving.signal,
    });
    if (question.leaves === 'at-once') setImmediate(() => leaving.abort());
    if (!question.streamed) question.scene.hear();
    const response = await pending;
    const decoder = new TextDecoder();
    let text = '';
    let ttftMs = 0;
    for await (const bytes of response.body ?? []) {
      ttftMs ||= performance.now() - startedAt;
      text += decoder.decode(bytes, { stream: true });
      if (question.leaves === 'in-answer') leaving.abort();
      if (/text_delta|"content":"[^"]/.test(text)) question.scene.hear();
    }
    const seen =
      question.door === 'messages' ? readMessages(question, response, text) : readChat(question, response, text);
    return {
      ...seen,
      ttftMs,
      retryAfter: response.headers.get('retry-after'),
      exchange: response.headers.get('request-id') ?? '',
    };
  } catch (error) {
    if (leaving.signal.aborted) return { ...nothing(), kind: 'left' };
    throw error;
  }
}

const pathOf = { messages: '/v1/messages', chat: '/v1/chat/completions' };

function messagesBody({ scene, streamed, model, thinking, history = [], answersCalls = [] }: Ask): object {
  const results = answersCalls.map(({ id }) => ({
    type: 'tool_result',
    tool_use_id: id,
    content: `file ${scene.marker}`,
  }));
  return {
    model: model ?? 'claude-opus-5',
    max_tokens: 4000,
    stream: streamed,
    ...(thinking && { thinking: { type: 'enabled', budget_tokens: 1024 } }),
    tools: [{ name: 'Read', description: 'Reads a file.', input_schema: parameters }],
    messages: [...history, { role: 'user', content: results.length > 0 ? results : questionOf(scene) }],
  };
}

function chatBody({ scene, streamed, model, history = [], answersCalls = [] }: Ask): object {
  const results = answersCalls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: `file ${scene.marker}` }));
  return {
    model: model ?? 'claude-opus-5',
    stream: streamed,
    tools: [{ type: 'function', function: { name: 'Read', description: 'Reads a file.', parameters } }],
    messages: [...history, ...(results.length > 0 ? results : [{ role: 'user', content: questionOf(scene) }])],
  };
}

function questionOf({ marker }: Scene): string {
  return `What about ${marker}?`;
}

/** @returns question and answer as the history of the next one, in the form of the door */
export function historyOf({ door, scene, history = [], answersCalls = [] }: Ask, seen: Seen): object[] {
  const body = { scene, door, streamed: false, history, answersCalls };
  const { messages } = (door === 'messages' ? messagesBody(body) : chatBody(body)) as { messages: object[] };
  const { text, calls } = seen;
  if (door === 'messages') {
    const content = [
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
    ];
    return [...messages, { role: 'assistant', content }];
  }
  const tool_calls = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  return [...messages, { role: 'assistant', content: text, ...(tool_calls.length > 0 && { tool_calls }) }];
}

function nothing(): Seen {
  return {
    kind: 'message',
    status: 200,
    begun: false,
    errorType: '',
    message: '',
    text: '',
    calls: [],
    stopReason: '',
    retryAfter: null,
    exchange: '',
    violations: [],
    ttftMs: 0,
  };
}

function readMessages({ streamed }: Ask, { status, headers }: Response, raw: string): Seen {
  const seen = observe(status, headers.get('content-type') ?? '', raw, streamed);
  const calls = seen.blocks.filter(({ type }) => type === 'tool_use');
  return {
    ...nothing(),
    kind: seen.kind === 'ok' ? 'message' : 'error',
    status,
    begun: seen.kind === 'stream_error',
    errorType: seen.error_type ?? '',
    message: seen.message,
    text: seen.blocks.map(({ type, text }) => (type === 'text' ? (text ?? '') : '')).join(''),
    calls: calls.map(({ id = '', name = '', input }) => ({ id, name, input })),
    stopReason: seen.stop_reason ?? '',
    violations: [...seen.violations, ...calls.flatMap(({ partial }) => (partial ? ['a call is not whole'] : []))],
  };
}

interface ChatDelta {
  content?: string | null;
  tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string } }[];
}

function readChat({ streamed }: Ask, { status }: Response, raw: string): Seen {
  const seen: Seen = { ...nothing(), status };
  const pieces: { id: string; name: string; json: string }[] = [];
  const finishes: string[] = [];
  const take = (delta: ChatDelta, finish: string | null | undefined): void => {
    seen.text += delta.content ?? '';
    for (const [position, call] of (delta.tool_calls ?? []).entries()) {
      pieces[call.index ?? position] ??= { id: '', name: '', json: '' };
      const piece = pieces[call.index ?? position];
      if (!piece) continue;
      piece.id += call.id ?? '';
      piece.name += call.function?.name ?? '';
      piece.json += call.function?.arguments ?? '';
    }
    if (finish) finishes.push(finish);
  };
  const fail = (error: { type?: string; message?: string } | undefined): void => {
    seen.kind = 'error';
    seen.errorType = error?.type ?? '';
    seen.message = error?.message ?? '';
    if (!seen.errorType || !seen.message) seen.violations.push('error shape');
  };
  if (status !== 200) fail(JSON.parse(raw).error);
  else if (!streamed) {
    const [choice] = JSON.parse(raw).choices;
    take(choice.message, choice.finish_reason);
  } else {
    const data = raw.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice(6)] : []));
    for (const [position, text] of data.entries()) {
      if (text === '[DONE]') {
        if (position !== data.length - 1) seen.violations.push('events behind [DONE]');
        continue;
      }
      const chunk = JSON.parse(text);
      if (chunk.error) {
        fail(chunk.error);
        seen.begun = true;
        if (position !== data.length - 1) seen.violations.push('events behind the error');
      } else for (const choice of chunk.choices) take(choice.delta, choice.finish_reason);
    }
    if (seen.kind === 'message' && data.at(-1) !== '[DONE]') seen.violations.push('no [DONE]');
  }
  if (seen.kind === 'message' && finishes.length !== 1) seen.violations.push(`${finishes.length} finish reasons`);
  seen.stopReason = finishes[0] ?? '';
  for (const { id, name, json } of pieces) {
    try {
      seen.calls.push({ id, name, input: JSON.parse(json) });
    } catch {
      seen.violations.push(`a call is not whole: ${json}`);
    }
  }
  if (new Set(seen.calls.map(({ id }) => id)).size !== seen.calls.length) seen.violations.push('call ids twice');
  return seen;
}
