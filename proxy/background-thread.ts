import type { Worker } from 'node:worker_threads';

export interface ThreadOptions {
  /** Starts the thread. It answers each message it gets with one message. */
  start(): Worker;
  /** Threads that may die over one question before the question is taken for the cause. */
  mostDeaths: number;
  /** Milliseconds for one question; without it a question may take as long as it likes. */
  timeLimitMs?: number;
}

/** Why a question has no answer: the thread died over it (`cause` tells how), took too long, or was closed. */
export type ThreadFailure = { failure: 'died' | 'overdue' | 'closed'; cause?: unknown };

interface Job<Question, Answer> {
  question: Question;
  settle(outcome: { answer: Answer } | ThreadFailure): void;
  deaths: number;
}

/**
 * A thread for work that would hold up the event loop. It starts with the first question and takes one at a time, so
 * that a time limit and a death are about that one question. Only a question under way keeps the process alive.
 */
export class BackgroundThread<Question, Answer> {
  readonly #options: ThreadOptions;
  readonly #queue: Job<Question, Answer>[] = [];
  #current: Job<Question, Answer> | undefined;
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /**
   * @param question anything that structured clone takes
   * @returns the answer, or why there is none; never rejects
   */
  ask(question: Question): Promise<{ answer: Answer } | ThreadFailure> {
    return new Promise((settle) => {
      if (this.#closed) settle({ failure: 'closed' });
      else {
        this.#queue.push({ question, settle, deaths: 0 });
        this.#work();
      }
    });
  }

  /** Ends the thread. Questions under way and to come are answered with 'closed'. */
  async close(): Promise<void> {
    this.#closed = true;
    const owed = this.#queue.splice(0);
    this.#settle({ failure: 'closed' });
    for (const job of owed) job.settle({ failure: 'closed' });
    await this.#discardWorker();
  }

  #work(): void {
    if (this.#current || this.#closed) return;
    const job = this.#queue.shift();
    if (!job) {
      this.#worker?.unref();
      return;
    }
    this.#current = job;
    try {
      this.#worker ??= this.#watchWorker();
      this.#worker.ref();
      this.#worker.postMessage(job.question);
    } catch (cause) {
      // No thread can be had, or the question can't cross to it: a new thread would not help.
      this.#settle({ failure: 'died', cause });
      this.#work();
      return;
    }
    const { timeLimitMs } = this.#options;
    if (timeLimitMs !== undefined) this.#timer = setTimeout(() => this.#giveUp(), timeLimitMs);
  }

  #settle(outcome: { answer: Answer } | ThreadFailure): void {
    clearTimeout(this.#timer);
    const job = this.#current;
    this.#current = undefined;
    job?.settle(outcome);
  }

  #giveUp(): void {
    // Its loop may be stuck: nothing but an end from outside stops it.
    void this.#discardWorker();
    this.#settle({ failure: 'overdue' });
    this.#work();
  }

  #discardWorker(): Promise<unknown> {
    const worker = this.#worker;
    this.#worker = undefined;
    return worker?.terminate() ?? Promise.resolve();
  }

  #watchWorker(): Worker {
    const worker = this.#options.start();
    let cause: unknown;
    worker.on('message', (answer: Answer) => {
      // A discarded thread may still have had an answer on its way.
      if (this.#worker !== worker) return;
      this.#settle({ answer });
      this.#work();
    });
    worker.on('messageerror', (error) => {
      cause = error;
      void worker.terminate();
    });
    worker.on('error', (error) => {
      cause = error;
    });
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#recover(cause);
    });
    return worker;
  }

  /** The thread died: what it owes is asked of a new one. */
  #recover(cause: unknown): void {
    const job = this.#current;
    if (job) {
      job.deaths += 1;
      if (job.deaths < this.#options.mostDeaths) {
        clearTimeout(this.#timer);
        this.#current = undefined;
        this.#queue.unshift(job);
      } else this.#settle({ failure: 'died', cause });
    }
    this.#work();
  }
}
