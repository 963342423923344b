/** What goes to clients of the OpenAI door (protocol.md 3). */
export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  /** Seconds since 1970. */
  created: number;
  model: string;
  /** One, or none in the chunk that tells the usage. */
  choices: ChunkChoice[];
  usage?: CompletionUsage;
}

export interface ChunkChoice {
  index: 0;
  delta: Delta;
  finish_reason: ChatFinishReason | null;
}

export interface Delta {
  role?: 'assistant';
  content?: string;
  reasoning_content?: string;
  tool_calls?: (CompletionToolCall & { index: number })[];
  function_call?: CompletionFunctionCall;
}

export type ChatFinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

export interface CompletionToolCall {
  id: string;
  type: 'function';
  function: CompletionFunctionCall;
}

export interface CompletionFunctionCall {
  name: string;
  arguments: string;
}

export interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
}

export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: [{ index: 0; message: CompletionMessage; logprobs: null; finish_reason: ChatFinishReason }];
  usage?: CompletionUsage;
}

export interface CompletionMessage {
  role: 'assistant';
  /** null only beside calls. */
  content: string | null;
  refusal: null;
  reasoning_content?: string;
  tool_calls?: CompletionToolCall[];
  function_call?: CompletionFunctionCall;
}

/**
 * Folds the chunks of a stream into the completion that a client gets which did not ask for one. The same chunks serve
 * both, so that both answers are always alike.
 * @param chunks a whole stream
 */
export function foldChunks(chunks: readonly ChatCompletionChunk[]): ChatCompletion {
  const [first] = chunks;
  if (!first) throw new Error('a stream without chunks can not be folded');
  const message: CompletionMessage = { role: 'assistant', content: null, refusal: null };
  let finish: ChatFinishReason = 'stop';
  let usage: CompletionUsage | undefined;
  for (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    for (const { delta, finish_reason } of chunk.choices) {
      addDelta(message, delta);
      finish = finish_reason ?? finish;
    }
  }
  if (!message.tool_calls && !message.function_call) message.content ??= '';
  const { id, created, model } = first;
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finish }],
    ...(usage && { usage }),
  };
}

function addDelta(message: CompletionMessage, delta: Delta): void {
  if (delta.content !== undefined) message.content = (message.content ?? '') + delta.content;
  if (delta.reasoning_content !== undefined)
    message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
  for (const { index: _, ...call } of delta.tool_calls ?? []) {
    message.tool_calls ??= [];
    message.tool_calls.push(call);
  }
  if (delta.function_call) message.function_call = delta.function_call;
}
