import type { FinishReason, Usage } from '../part.ts';

/**
 * Readers for the pieces of a chat completions chunk. They take unknown values and answer undefined for anything odd:
 * servers send null, wrong types and missing fields everywhere (failures.md 4), and a zod parse a token would cost more
 * than the token's whole way through the gateway.
 */

export type Fields = Record<string, unknown>;

/** @returns the value as an object with fields, or undefined */
export function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** @returns the value where it is a non-empty string */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @returns the value where it is a number from zero up */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A frame of the stream whose data could not be read: a piece of the answer is lost with it (failures.md S-9). */
export class BrokenFrame {
  /** What came in its place. */
  readonly data: string;

  constructor(data: string) {
    this.data = data;
  }
}

/**
 * Text of a `content` field: a string, or an array of parts (failures.md, case B12; Mistral's thinking parts).
 * @returns visible text and thinking, each possibly ''
 */
export function readContent(content: unknown): { text: string; reasoning: string } {
  if (typeof content === 'string') return { text: content, reasoning: '' };
  let text = '';
  let reasoning = '';
  for (const part of Array.isArray(content) ? content : [content]) {
    if (typeof part === 'string') text += part;
    const fields = asFields(part);
    if (!fields) continue;
    if (fields.type === 'thinking' || fields.type === 'reasoning')
      reasoning += readContent(fields.thinking ?? fields.reasoning ?? fields.text).text;
    else text += asText(fields.text) ?? '';
  }
  return { text, reasoning };
}

/** The two names of the reasoning field; both may come and then say the same (failures.md T-1). */
export function readReasoning(delta: Fields): string {
  return asText(delta.reasoning_content) ?? asText(delta.reasoning) ?? '';
}

/**
 * @param value a chunk's `usage`
 * @param before what earlier chunks said, for counts that this one leaves out; the last value wins (failures.md S-7)
 * @returns counts, or `before` where there are none
 */
export function readUsage(value: unknown, before?: Usage): Usage | undefined {
  const usage = asFields(value);
  if (!usage) return before;
  const inputTokens = asCount(usage.prompt_tokens) ?? asCount(usage.input_tokens);
  const outputTokens = asCount(usage.completion_tokens) ?? asCount(usage.output_tokens);
  if (inputTokens === undefined && outputTokens === undefined) return before;
  const cached =
    asCount(asFields(usage.prompt_tokens_details)?.cached_tokens) ??
    asCount(usage.prompt_cache_hit_tokens) ??
    before?.cachedInputTokens ??
    0;
  const input = inputTokens ?? before?.inputTokens ?? 0;
  return {
    inputTokens: input,
    outputTokens: outputTokens ?? before?.outputTokens ?? 0,
    cachedInputTokens: Math.min(cached, input),
  };
}

const finishReasons: Readonly<Record<string, FinishReason | 'failed'>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  model_context_window_exceeded: 'context-window',
  tool_calls: 'tool-calls',
  tool_use: 'tool-calls',
  function_call: 'tool-calls',
  content_filter: 'content-filter',
  sensitive: 'content-filter',
  safety: 'content-filter',
  refusal: 'content-filter',
  recitation: 'content-filter',
  prohibited_content: 'content-filter',
  network_error: 'failed',
  error: 'failed',
  abort: 'failed',
  aborted: 'failed',
  cancelled: 'failed',
  timeout: 'failed',
  insufficient_system_resource: 'failed',
};

/**
 * @param value a choice's `finish_reason`; SGLang sends an object {type} for an abort
 * @returns the reason, 'failed' where the server says that it broke off, undefined where there is none yet.
 *   An unknown reason ends the answer as 'stop': opencode#18813 shows what an endless loop it makes otherwise.
 */
export function readFinishReason(value: unknown): FinishReason | 'failed' | undefined {
  const name = asText(value) ?? asText(asFields(value)?.type);
  return name === undefined ? undefined : (finishReasons[name.toLowerCase()] ?? 'stop');
}
