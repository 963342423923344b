import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** The head of an HTTP answer, and its body as it comes. */
export interface HttpAnswer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: AnswerBody;
}

/**
 * Everything that one read of the socket brought, at once: several HTTP chunks are one batch, so that what is made of
 * them leaves in one write.
 */
export type AnswerBody = AsyncIterableIterator<readonly Uint8Array[]>;

/** Bytes that wait for a slow consumer before the socket is paused. */
const highWaterMark = 256 * 1024;

/**
 * Receives one answer from undici's dispatcher without a stream between: for bodies of many small pieces Node's streams
 * cost more than the pieces.
 */
export class AnswerHandler implements Dispatcher.DispatchHandler {
  /** Settles once the head of the answer is there, or with the failure. */
  readonly answer: Promise<HttpAnswer>;
  readonly #signal: AbortSignal;
  readonly #onSent: (() => void) | undefined;
  #resolve: (answer: HttpAnswer) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #error: unknown;
  #wake: (() => void) | undefined;
  readonly #onAbort = (): void => this.#fail(this.#signal.reason);

  /**
   * @param signal ends the request, also while its answer is being read
   * @param onSent hears when a connection is there and the request goes out
   */
  constructor(signal: AbortSignal, onSent?: () => void) {
    this.#signal = signal;
    this.#onSent = onSent;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal.aborted) this.#onAbort();
    else signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#error !== undefined) controller.abort(asError(this.#error));
    else this.#onSent?.();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    if (statusCode >= 200) this.#resolve({ statusCode, headers, body: this.#body() });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#queue.push(chunk);
    this.#queued += chunk.length;
    if (this.#queued > highWaterMark) controller.pause();
    this.#wakeConsumer();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#close();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#error ??= error;
    this.#reject(this.#error);
    this.#close();
  }

  #fail(reason: unknown): void {
    this.#error ??= reason;
    this.#reject(this.#error);
    this.#controller?.abort(asError(reason));
    this.#close();
  }

  #close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#wakeConsumer();
  }

  #wakeConsumer(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #body(): AnswerBody {
    return {
      next: async () => {
        // What came before a failure is still given out: it may hold the reason.
        while (this.#queue.length === 0) {
          if (this.#error !== undefined) throw this.#error;
          if (this.#ended) return { done: true, value: undefined };
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        const batch = this.#queue;
        this.#queue = [];
        if (this.#queued > highWaterMark) this.#controller?.resume();
        this.#queued = 0;
        return { done: false, value: batch };
      },
      // The rest is not wanted: without reading it, the connection can't be used again.
      return: async () => {
        if (!this.#ended) this.#fail(new Error('the answer was not read to its end'));
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
