/** Below this, what a chat template adds outweighs what the tokenizer does. */
const fewestTokens = 500;
/** A count beyond four times ours in either direction is not about this prompt: a simulated or broken usage. */
const plausible = 4;
/** What a tokenizer can differ by. */
const lowest = 0.5;
const highest = 2;
/** Share of a new sample once there are enough of them. */
const smoothing = 0.2;
const mostModels = 200;

/**
 * How each model's own tokenizer counts in comparison to ours, learnt from the usage that upstreams report. An instance
 * belongs to one way of counting: what is learnt from estimates corrects estimates.
 */
export class TokenRatios {
  readonly #ratios = new Map<string, { ratio: number; samples: number }>();

  /** @returns the count as the model is likely to make it, rounded; unchanged for a model that nothing is known of */
  correct(model: string, count: number): number {
    return Math.round(count * (this.#ratios.get(model)?.ratio ?? 1));
  }

  /**
   * @param model the id as the upstream knows it
   * @param estimated tokens of the prompt by our count, uncorrected
   * @param actual tokens of the whole prompt by the upstream's usage, cached ones included
   */
  learn(model: string, estimated: number, actual: number): void {
    const found = actual / estimated;
    if (!(estimated > fewestTokens && found <= plausible && found >= 1 / plausible)) return;
    const sample = Math.min(highest, Math.max(lowest, found));
    const known = this.#ratios.get(model) ?? { ratio: sample, samples: 0 };
    const samples = known.samples + 1;
    // A mean at first, so that the first answer alone doesn't decide for long; a moving one later.
    const share = Math.max(smoothing, 1 / samples);
    // Put back at the end: the model that was not heard of for longest is the one to forget.
    this.#ratios.delete(model);
    this.#ratios.set(model, { ratio: known.ratio + share * (sample - known.ratio), samples });
    for (const oldest of this.#ratios.keys()) {
      if (this.#ratios.size <= mostModels) break;
      this.#ratios.delete(oldest);
    }
  }
}
