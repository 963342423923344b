import type { ErrorKind } from '../errors.ts';

export interface OverflowFacts {
  status: number;
  contextWindow: number;
  estimatedInputTokens: number;
  /** The error's type and code. */
  codes?: string | undefined;
  /** The prompt's tokens, where the server counts them beside its sentence. */
  promptTokens?: number | undefined;
  /** The window, likewise. */
  windowTokens?: number | undefined;
}

/**
 * Wordings for "the prompt does not fit" of all servers that Claude Code 2.1.329 knows (protocol.md 1.7), and Ollama's.
 * Older versions know only Anthropic's own, so everything is re-worded to it.
 */
const overflowWordings: readonly RegExp[] = [
  /prompt is too long/i,
  /input is too long for requested model/i,
  /maximum context length/i,
  /context_length_exceeded/i,
  /exceeds? the context window/i,
  /longer than the maximum model length/i,
  /longer than the model'?s context length/i,
  /exceeds? the (?:model'?s )?(?:available|maximum) context (?:size|length)/i,
  /exceed_context_size/i,
  /exceeds the maximum number of tokens allowed/i,
  /exceeded model token limit/i,
  /input token length too long/i,
  /input length .* exceeds? .* (?:context|maximum)/i,
  /maximum prompt length/i,
  /prompt exceeds max length/i,
  /range of input length should be/i,
  /context window exceeds limit/i,
  /but model only supports up to/i,
  /reduce the length of the (?:messages|input|prompt)/i,
  /inputs`? tokens \+ `?max_new_tokens`? must be/i,
  /longer than the context length currently available/i,
  /too many (?:input )?tokens .*(?:context|window)/i,
  /context (?:the )?overflows/i,
  /max_(?:completion_)?tokens must be at least 1, got -\d/i,
];

const elsewhere = /policy_blocked|dlp_request_denied/;

/** vLLM's complaint about the asked answer length alone: compacting would not help (failures.md E-7). */
const outputTooLong =
  /max_(?:completion_)?tokens\s*(?:=|:|is|of)?\s*\d*\s*(?:cannot be greater|is too large|must be (?:less|smaller)|exceeds)/i;

/**
 * @param said the upstream's sentence
 * @returns our error for a prompt that does not fit, undefined where the sentence says something else
 */
export function describeOverflow(said: string, facts: OverflowFacts): { kind: ErrorKind; message: string } | undefined {
  if (![400, 413, 422, 500].includes(facts.status) || elsewhere.test(said)) return undefined;
  if (outputTooLong.test(said) && !/input_tokens|in the messages/i.test(said)) return undefined;
  const words = `${said} ${facts.codes ?? ''}`;
  if (!overflowWordings.some((wording) => wording.test(words))) return undefined;
  const { output, ...read } = readNumbers(said);
  const input = facts.promptTokens ?? read.input;
  const window = facts.windowTokens ?? read.maximum ?? facts.contextWindow;
  // The prompt alone fits: Claude Code then asks for fewer tokens and needs no compaction (protocol.md 1.7).
  if (input !== undefined && output !== undefined && input < window)
    return {
      kind: 'prompt-too-long',
      message: `input length and \`max_tokens\` exceed context limit: ${input} + ${output} > ${window}, decrease input length or \`max_tokens\` and try again`,
    };
  const tokens = Math.max(input ?? facts.estimatedInputTokens, window + 1);
  return { kind: 'prompt-too-long', message: tooLongMessage(tokens, window) };
}

/** @returns the wording that makes every version of Claude Code compact (protocol.md 1.7) */
export function tooLongMessage(tokens: number, maximum: number): string {
  return `prompt is too long: ${tokens} tokens > ${maximum} maximum`;
}

interface OverflowNumbers {
  input?: number;
  output?: number;
  maximum?: number;
}

const maximumWordings: readonly RegExp[] = [
  /([\d,]+) maximum context length/i,
  /context (?:length|size) (?:is |of )?(?:only )?\(?([\d,]+)/i,
  /> ([\d,]+) maximum/i,
  /tokens allowed \(([\d,]+)/i,
  /must be <= ([\d,]+)/i,
  /should be \[\d+, ?([\d,]+)\]/i,
  /supports up to ([\d,]+)/i,
  /(?:limit|maximum|max(?:imum)? length|window)\D{0,20}?([\d,]{4,})/i,
];

const inputWordings: readonly RegExp[] = [
  /([\d,]+) (?:in the messages|tokens from the input|`inputs` tokens)/i,
  /(?:passed|contains|request has)(?: at least)? ([\d,]+)(?: input)? tokens/i,
  /(?:input|request|prompt|count) \((?:length )?([\d,]+)(?: tokens)?\)/i,
  /too long: ([\d,]+) tokens/i,
  /resulted in ([\d,]+) tokens/i,
  /requested: ([\d,]+)/i,
  /prompt (?:length )?\(?([\d,]+)\s*tokens/i,
];

const outputWordings: readonly RegExp[] = [
  /([\d,]+) (?:in the (?:completion|output)|tokens for the completion|`max_new_tokens`)/i,
  /requested ([\d,]+) output tokens/i,
  /is too large: ([\d,]+)/i,
];

const totalWordings: readonly RegExp[] = [/requested (?:a total of |about )?([\d,]+) tokens/i];

/** Reads the counts out of the wordings that name them; what a wording does not name stays undefined. */
function readNumbers(said: string): OverflowNumbers {
  // MiniMax puts its error number where a limit would stand.
  const words = said.replace(/exceeds limit \(\d+\)/i, '');
  const find = (patterns: readonly RegExp[]): number | undefined => {
    for (const pattern of patterns) {
      const digits = pattern.exec(words)?.[1]?.replaceAll(',', '');
      if (digits) return Number(digits);
    }
    return undefined;
  };
  const output = find(outputWordings);
  const total = find(totalWordings);
  const rest = total === undefined ? undefined : total - (output ?? 0);
  return { maximum: find(maximumWordings), input: find(inputWordings) ?? rest, output };
}
