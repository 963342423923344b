import { type Dialect, type ScriptedCall, writeCallAsText } from './chat-dialect.ts';

/** What the fake answers to one request. The first group describes a model's answer, the second breaks it. */
export interface ScriptedAnswer {
  reasoning?: string;
  text?: string;
  toolCalls?: ScriptedCall[];
  /** 'native' when absent. */
  dialect?: Dialect;
  /** Taken from the answer when absent: 'tool_calls' after native calls, else 'stop'. null: never sent. */
  finish?: string | null;
  usage?: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details?: { cached_tokens: number } };

  /** 200 when absent. Any other needs `body`. */
  status?: number;
  headers?: Record<string, string>;
  /** Sent as it is in place of a model's answer; an object is sent as JSON. */
  body?: string | object;
  /** Milliseconds before the first byte. */
  delayMs?: number;
  /** The socket is reset behind this many SSE frames. */
  cutAfterFrames?: number;
  /** The stream ends without `[DONE]`. */
  omitDone?: boolean;
}

/** What both forms of an answer carry besides the answer itself. */
export interface AnswerIdentity {
  id: string;
  model: string;
}

// Short and odd on purpose: tags of the text dialects and JSON arguments get cut at places that matter.
const pieceLength = 7;

/**
 * The answer as the data of SSE events, in the order and shape of protocol.md 3 (role first; a call's name before
 * fragments of its arguments; the finish reason in its own chunk; usage with empty choices), `[DONE]` included.
 * @param includeUsage the request's stream_options.include_usage
 */
export function writeFrames(answer: ScriptedAnswer, identity: AnswerIdentity, includeUsage: boolean): string[] {
  const frames: string[] = [];
  const push = (choices: object[], usage?: object) =>
    frames.push(
      JSON.stringify({
        id: identity.id,
        object: 'chat.completion.chunk',
        created: 1_795_000_000,
        model: identity.model,
        choices,
        ...(includeUsage ? { usage: usage ?? null } : {}),
      }),
    );
  const pushDelta = (delta: object, finish: string | null = null) =>
    push([{ index: 0, delta, logprobs: null, finish_reason: finish }]);

  pushDelta({ role: 'assistant', content: '' });
  for (const piece of cut(answer.reasoning ?? '')) pushDelta({ reasoning_content: piece });
  for (const piece of cut(contentOf(answer))) pushDelta({ content: piece });
  nativeCallsOf(answer).forEach((call, index) => {
    const id = callId(call, identity, index);
    pushDelta({ tool_calls: [{ index, id, type: 'function', function: { name: call.name, arguments: '' } }] });
    for (const piece of cut(JSON.stringify(call.arguments))) {
      pushDelta({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  });
  const finish = finishOf(answer);
  if (finish !== null) pushDelta({}, finish);
  if (includeUsage) push([], usageOf(answer));
  if (!answer.omitDone) frames.push('[DONE]');
  return frames;
}

/** The answer as one chat.completion object, for requests that ask for no stream. */
export function writeCompletion(answer: ScriptedAnswer, identity: AnswerIdentity): object {
  const content = contentOf(answer);
  const calls = nativeCallsOf(answer);
  return {
    id: identity.id,
    object: 'chat.completion',
    created: 1_795_000_000,
    model: identity.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: content === '' ? null : content,
          ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
          ...(calls.length === 0
            ? {}
            : {
                tool_calls: calls.map((call, index) => ({
                  id: callId(call, identity, index),
                  type: 'function',
                  function: { name: call.name, arguments: JSON.stringify(call.arguments) },
                })),
              }),
        },
        logprobs: null,
        finish_reason: finishOf(answer),
      },
    ],
    usage: usageOf(answer),
  };
}

function contentOf(answer: ScriptedAnswer): string {
  const { dialect = 'native', text = '', toolCalls = [] } = answer;
  if (dialect === 'native') return text;
  return [text, ...toolCalls.map((call) => writeCallAsText(call, dialect))].filter((piece) => piece !== '').join('\n');
}

function nativeCallsOf(answer: ScriptedAnswer): ScriptedCall[] {
  return (answer.dialect ?? 'native') === 'native' ? (answer.toolCalls ?? []) : [];
}

function finishOf(answer: ScriptedAnswer): string | null {
  if (answer.finish !== undefined) return answer.finish;
  return nativeCallsOf(answer).length > 0 ? 'tool_calls' : 'stop';
}

function usageOf(answer: ScriptedAnswer): object {
  const usage = answer.usage ?? { prompt_tokens: 1_000, completion_tokens: 50 };
  return { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
}

function callId(call: ScriptedCall, identity: AnswerIdentity, index: number): string {
  return call.id ?? `call_${identity.id.replaceAll(/[^a-zA-Z0-9]/g, '')}_${index}`;
}

/** Cuts by code points, so that no frame holds half a surrogate pair (which JSON on the wire can't carry). */
function cut(text: string): string[] {
  const characters = Array.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += pieceLength) {
    pieces.push(characters.slice(start, start + pieceLength).join(''));
  }
  return pieces;
}
