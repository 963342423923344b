/** Contexts are loaded in steps, because every other size reloads the model (protocol.md 5). */
const smallestStep = 8_192;
/** The input is counted with another tokenizer than the model's, and a chat template adds to it. */
const inputMargin = 0.1;
const templateTokens = 256;
/** What is kept free for an answer whose length nobody limited. */
const usualAnswer = 8_192;

export interface ContextNeed {
  estimatedInputTokens: number;
  /** Most tokens of the answer; undefined where the request names none. */
  answerTokens: number | undefined;
}

export interface ContextBounds {
  /** The most that the model, the settings and the memory allow. */
  limit: number;
  /** What the model was loaded for, or is being loaded for; 0 where it is not in memory. */
  inUse: number;
}

/**
 * Chooses `num_ctx`: enough for prompt and answer, rounded up to 8k, 16k, 32k, ...; never less than what the model is
 * loaded for, so that a short request between long ones does not reload it.
 * @returns tokens, at most the limit even where more is needed: Ollama then cuts the answer or refuses the prompt
 */
export function chooseContext(need: ContextNeed, bounds: ContextBounds): number {
  const input = Math.ceil(need.estimatedInputTokens * (1 + inputMargin)) + templateTokens;
  return contextFor(input + (need.answerTokens ?? usualAnswer), bounds);
}

/** The same for a number of tokens that is known, prompt and answer together. */
export function contextFor(wanted: number, { limit, inUse }: ContextBounds): number {
  let step = smallestStep;
  while (step < wanted && step < limit) step *= 2;
  return Math.min(Math.max(step, inUse), limit);
}

/**
 * The context to try after one that did not fit into memory.
 * @returns half of it, or undefined where that would not hold the prompt
 */
export function smallerContext(context: number, estimatedInputTokens: number): number | undefined {
  const smaller = Math.floor(context / 2);
  return smaller >= Math.max(estimatedInputTokens + templateTokens, smallestStep / 2) ? smaller : undefined;
}
