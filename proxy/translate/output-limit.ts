import type { Profile } from '../contract/profile.ts';

export interface OutputLimits {
  /** MAX_TOKENS_LIMIT: most tokens that are ever asked for; null for none. */
  maxTokens: number | null;
  /** MIN_TOKENS_LIMIT: fewest tokens that are asked for; null for none. */
  minTokens: number | null;
}

/** The input is counted with another tokenizer than the model's: room left for that, as a share of the input. */
const estimateMargin = 0.05;
/** An answer shorter than this helps nobody; an upstream that has not even that much room says so itself. */
const leastAnswer = 256;

/**
 * How many tokens of answer to ask for. Everything over the model's cap or its window is cut silently, because
 * clients do not recover from a 400 on max_tokens (protocol.md 1.7).
 * @param asked the client's max_tokens; 0 (Anthropic's way to fill a cache) becomes 1, the least that servers take
 * @param estimatedInputTokens may be off by some percent: a prompt that is too long is left for the upstream to refuse
 */
export function outputLimit(
  asked: number,
  profile: Pick<Profile, 'maxOutputTokens' | 'contextWindow'>,
  limits: OutputLimits,
  estimatedInputTokens: number,
): number {
  const cap = Math.min(profile.maxOutputTokens, limits.maxTokens ?? Number.POSITIVE_INFINITY);
  const wanted = Math.max(1, Math.min(Math.max(asked, limits.minTokens ?? 0), cap));
  const room = Math.floor(profile.contextWindow - estimatedInputTokens * (1 + estimateMargin));
  return Math.min(wanted, Math.max(room, leastAnswer));
}
