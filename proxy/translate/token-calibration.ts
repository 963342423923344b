import { toStrelkaError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CountableRequest, TokenCounter } from './token-count.ts';
import { TokenRatios } from './token-ratio.ts';

/** A prompt is counted exactly this often at most: the count takes a thread's time, and a ratio changes slowly. */
const sampleEveryMs = 60_000;
/** A usage this far from the estimate is not about this prompt, so that counting it would teach nothing. */
const plausible = 4;

/**
 * What upstreams' usage teaches about our two ways of counting: the estimate of the hot path, and the tokenizer's count.
 */
export class TokenCalibration {
  /** Corrects estimates. */
  readonly estimates = new TokenRatios();
  /** Corrects the tokenizer's counts. */
  readonly counts = new TokenRatios();
  readonly #sampledAt = new Map<string, number>();
  readonly #tokens: TokenCounter;
  readonly #log: Log;

  constructor(tokens: TokenCounter, log: Log) {
    this.#tokens = tokens;
    this.#log = log;
  }

  /**
   * @param model the id as the upstream knows it
   * @param request what was asked
   * @param estimated uncorrected estimate of its prompt
   * @param actual tokens of the prompt by the upstream's usage
   */
  learn(model: string, request: CountableRequest, estimated: number, actual: number): void {
    this.estimates.learn(model, estimated, actual);
    const sampledAt = this.#sampledAt.get(model) ?? Number.NEGATIVE_INFINITY;
    if (actual * plausible < estimated || actual > estimated * plausible) return;
    if (performance.now() - sampledAt < sampleEveryMs) return;
    this.#sampledAt.set(model, performance.now());
    this.#tokens.count(request).then(
      (counted) => this.counts.learn(model, counted, actual),
      (thrown) => this.#log.debug('a prompt could not be counted', { error: toStrelkaError(thrown).message }),
    );
  }
}
