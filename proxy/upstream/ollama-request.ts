import type { ChatRequest, ChatTool } from '../openai/chat-request.ts';
import { asFields, type Fields } from '../openai/chunk.ts';
import type { ShownModel } from './ollama-client.ts';
import { type OllamaMessage, writeOllamaMessages } from './ollama-messages.ts';
import { type Think, thinkOf } from './ollama-think.ts';

/** The body of POST /api/chat (protocol.md 5). */
export interface OllamaRequest {
  model: string;
  messages: OllamaMessage[];
  stream: boolean;
  tools?: { type: 'function'; function: Omit<ChatTool['function'], 'strict'> }[];
  /** A JSON schema, or "json". */
  format?: unknown;
  think?: Think;
  keep_alive: string;
  /** False: a prompt that is too long is refused, instead of losing its beginning without a word. */
  truncate: false;
  /** False: an answer that reaches the window's end ends there, instead of pushing the prompt out. */
  shift: false;
  options: Fields & { num_ctx: number };
}

export interface OllamaRequestOptions {
  model: ShownModel;
  streamed: boolean;
  /** Tokens of prompt and answer together. */
  contextLength: number;
  estimatedInputTokens: number;
  keepAlive: string;
}

/** An answer shorter than this helps nobody. */
const leastAnswer = 256;

/** Sampling fields of OpenAI's and vLLM's APIs and what Ollama calls them. */
const samplingOptions: Readonly<Record<string, string>> = {
  seed: 'seed',
  min_p: 'min_p',
  presence_penalty: 'presence_penalty',
  frequency_penalty: 'frequency_penalty',
  repetition_penalty: 'repeat_penalty',
};

/**
 * Writes a chat completions request in Ollama's own form. Its OpenAI door would do without this, but takes neither a
 * context length nor a time to stay loaded, and cuts a long prompt without a word (protocol.md 5).
 */
export function writeOllamaRequest(chat: ChatRequest, options: OllamaRequestOptions): OllamaRequest {
  const { capabilities } = options.model;
  const tools = toolsOf(chat);
  const format = formatOf(chat);
  const think = thinkOf(chat, options.model);
  return {
    model: chat.model,
    messages: writeOllamaMessages(chat.messages, capabilities?.has('vision') ?? true),
    stream: options.streamed,
    ...(tools.length > 0 && { tools }),
    // A format binds every word of the answer, so that no tool could be called.
    ...(format !== undefined && tools.length === 0 && { format }),
    ...(think !== undefined && { think }),
    keep_alive: options.keepAlive,
    truncate: false,
    shift: false,
    options: optionsOf(chat, options),
  };
}

/** @returns most tokens of the answer that the request allows, undefined where it names none */
export function answerLimitOf(chat: ChatRequest): number | undefined {
  return chat.max_tokens ?? chat.max_completion_tokens;
}

function optionsOf(chat: ChatRequest, { contextLength, estimatedInputTokens }: OllamaRequestOptions) {
  const room = Math.max(leastAnswer, contextLength - estimatedInputTokens);
  const limit = answerLimitOf(chat);
  const extra = Object.entries(samplingOptions).flatMap(([name, native]) => {
    const value = chat.extra?.[name];
    return typeof value === 'number' ? [[native, value] as const] : [];
  });
  return {
    num_ctx: contextLength,
    ...(limit !== undefined && { num_predict: Math.min(limit, room) }),
    ...(chat.temperature !== undefined && { temperature: chat.temperature }),
    ...(chat.top_p !== undefined && { top_p: chat.top_p }),
    ...(chat.top_k !== undefined && { top_k: chat.top_k }),
    ...(chat.stop && { stop: chat.stop }),
    ...Object.fromEntries(extra),
  };
}

/** Ollama has no tool_choice: none becomes no tools, a named one the only tool; that one must be called can't be said. */
function toolsOf({ tools = [], tool_choice: choice }: ChatRequest): NonNullable<OllamaRequest['tools']> {
  if (choice === 'none') return [];
  const named = typeof choice === 'object' ? tools.filter((tool) => tool.function.name === choice.function.name) : [];
  return (named.length > 0 ? named : tools).map(({ function: { strict: _unknown, ...tool } }) => ({
    type: 'function',
    function: tool,
  }));
}

function formatOf({ response_format: format }: ChatRequest): unknown {
  if (format?.type === 'json_object') return 'json';
  if (format?.type !== 'json_schema' || !('json_schema' in format)) return undefined;
  return asFields(format.json_schema.schema) ?? 'json';
}
