import type { ErrorKind } from '../errors.ts';

export interface OverflowFacts {
  status: number;
  contextWindow: number;
  estimatedInputTokens: number;
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
  if (!overflowWordings.some((wording) => wording.test(said))) return undefined;
  const { input, output, maximum } = readNumbers(said);
  const window = maximum ?? facts.contextWindow;
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

/** Reads the counts out of the wordings that name them; what a wording does not name stays undefined. */
function readNumbers(said: string): OverflowNumbers {
  const find = (...patterns: RegExp[]): number | undefined => {
    for (const pattern of patterns) {
      const digits = pattern.exec(said)?.[1]?.replace(/[,_\s]/g, '');
      if (digits) return Number(digits);
    }
    return undefined;
  };
  return {
    maximum: find(
      /maximum context length (?:is|of) ([\d,]+)/i,
      /context length \(?(?:of )?([\d,]+)/i,
      /> ([\d,]+) maximum/i,
      /(?:limit|maximum|max(?:imum)? length|window)\D{0,20}?([\d,]{4,})/i,
    ),
    input: find(
      /\(([\d,]+) in the messages/i,
      /at least ([\d,]+) input tokens/i,
      /prompt contains ([\d,]+)/i,
      /input \(([\d,]+) tokens\)/i,
      /too long: ([\d,]+) tokens/i,
      /prompt \(?(?:length )?\(?([\d,]+)\s*tokens/i,
    ),
    output: find(/([\d,]+) in the completion/i, /requested ([\d,]+) output tokens/i),
  };
}
