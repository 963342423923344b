import { Worker } from 'node:worker_threads';
import { BackgroundThread } from '../background-thread.ts';
import { StrelkaError } from '../errors.ts';
import type { TokenAnswer, TokenQuestion } from './token-question.ts';
import { type CountableRequest, countedTool, walkRequest } from './token-walk.ts';

export type { CountableRequest } from './token-walk.ts';

/** A question that two threads died over is taken for the cause. */
const mostDeaths = 2;

/**
 * Counts a request's tokens with a real tokenizer (o200k_base), in a thread of its own: it takes milliseconds, and its
 * vocabulary takes memory, so the thread starts with the first question.
 */
export class TokenCounter {
  readonly #thread: BackgroundThread<TokenQuestion, TokenAnswer>;
  /** Answers under way, by what was asked: Claude Code asks the same several times at once. */
  readonly #underWay = new Map<string, Promise<number>>();

  /** @param start starts the thread; tests put their own in its place */
  constructor(start: () => Worker = startTokenWorker) {
    this.#thread = new BackgroundThread({ start, mostDeaths });
  }

  /**
   * @returns tokens of system, tools, messages, tool results and documents, images and PDFs by estimate
   * @throws StrelkaError `draining` after close, `internal` when the counting thread dies twice over the question
   */
  async count(request: CountableRequest): Promise<number> {
    const texts: string[] = [];
    let fixed = 0;
    walkRequest(request, {
      text: (text) => texts.push(text),
      json: (value) => texts.push(JSON.stringify(value)),
      tool: (tool) => texts.push(JSON.stringify(countedTool(tool))),
      fixed: (tokens) => {
        fixed += tokens;
      },
    });
    return Math.round(fixed) + (await this.#countTexts(texts));
  }

  /** Ends the thread; questions under way are refused. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  #countTexts(texts: readonly string[]): Promise<number> {
    const question = JSON.stringify(texts);
    const known = this.#underWay.get(question);
    if (known) return known;
    const answer = this.#ask(texts).finally(() => this.#underWay.delete(question));
    this.#underWay.set(question, answer);
    return answer;
  }

  async #ask(texts: readonly string[]): Promise<number> {
    const outcome = await this.#thread.ask({ texts });
    if ('answer' in outcome) return outcome.answer.tokens;
    if (outcome.failure === 'closed')
      throw new StrelkaError('draining', 'Strelka is shutting down; ask again in a moment.');
    throw new StrelkaError('internal', 'The token counter stopped twice over this request; please report it.', {
      cause: outcome.cause,
    });
  }
}

function startTokenWorker(): Worker {
  // The parent's own flags (--input-type, --inspect) mean nothing to this file, and some would stop it.
  return new Worker(new URL('./token-worker.ts', import.meta.url), { name: 'strelka-token-counter', execArgv: [] });
}
