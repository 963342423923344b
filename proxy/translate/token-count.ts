import { Worker } from 'node:worker_threads';
import { StrelkaError } from '../errors.ts';
import type { TokenAnswer, TokenQuestion } from './token-question.ts';
import { type CountableRequest, countedTool, walkRequest } from './token-walk.ts';

export type { CountableRequest } from './token-walk.ts';

interface Pending {
  texts: readonly string[];
  resolve(tokens: number): void;
  reject(error: StrelkaError): void;
  /** Counting threads that died over it. */
  deaths: number;
}

/** A question that two threads died over is taken for the cause. */
const mostDeaths = 2;

/**
 * Counts a request's tokens with a real tokenizer (o200k_base), in a thread of its own: it takes milliseconds, and its
 * vocabulary takes memory, so the thread starts with the first question.
 */
export class TokenCounter {
  readonly #startWorker: () => Worker;
  readonly #pending = new Map<number, Pending>();
  /** Answers under way, by what was asked: Claude Code asks the same several times at once. */
  readonly #underWay = new Map<string, Promise<number>>();
  #worker: Worker | undefined;
  #lastId = 0;
  #closed = false;

  /** @param startWorker starts the thread; tests put their own in its place */
  constructor(startWorker: () => Worker = startTokenWorker) {
    this.#startWorker = startWorker;
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
  async close(): Promise<void> {
    this.#closed = true;
    for (const { reject } of this.#pending.values()) reject(closedError());
    this.#pending.clear();
    await this.#worker?.terminate();
  }

  #countTexts(texts: readonly string[]): Promise<number> {
    if (this.#closed) return Promise.reject(closedError());
    const question = JSON.stringify(texts);
    const known = this.#underWay.get(question);
    if (known) return known;
    const answer = new Promise<number>((resolve, reject) => {
      this.#lastId += 1;
      this.#ask(this.#lastId, { texts, resolve, reject, deaths: 0 });
    }).finally(() => this.#underWay.delete(question));
    this.#underWay.set(question, answer);
    return answer;
  }

  #ask(id: number, pending: Pending): void {
    this.#pending.set(id, pending);
    this.#worker ??= this.#watchWorker();
    // Only a question under way keeps the process alive.
    this.#worker.ref();
    const question: TokenQuestion = { id, texts: pending.texts };
    this.#worker.postMessage(question);
  }

  #watchWorker(): Worker {
    const worker = this.#startWorker();
    let cause: unknown;
    worker.on('message', ({ id, tokens }: TokenAnswer) => {
      this.#pending.get(id)?.resolve(tokens);
      this.#pending.delete(id);
      if (this.#pending.size === 0) worker.unref();
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#askAgain(cause);
    });
    return worker;
  }

  /** The thread died: what it owes is asked of a new one. */
  #askAgain(cause: unknown): void {
    const owed = [...this.#pending];
    this.#pending.clear();
    for (const [id, pending] of owed) {
      pending.deaths += 1;
      if (pending.deaths < mostDeaths) this.#ask(id, pending);
      else
        pending.reject(
          new StrelkaError('internal', 'The token counter stopped twice over this request; please report it.', {
            cause,
          }),
        );
    }
  }
}

function startTokenWorker(): Worker {
  // The parent's own flags (--input-type, --inspect) mean nothing to this file, and some would stop it.
  return new Worker(new URL('./token-worker.ts', import.meta.url), { name: 'strelka-token-counter', execArgv: [] });
}

function closedError(): StrelkaError {
  return new StrelkaError('draining', 'Strelka is shutting down; ask again in a moment.');
}
