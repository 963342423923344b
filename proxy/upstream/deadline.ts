import { StrelkaError } from '../errors.ts';

/**
 * Aborts an attempt when the client leaves or a time is up. One timer serves first byte and idle time, because it is
 * renewed with every read: `refresh` costs nearly nothing.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  #timer: NodeJS.Timeout | undefined;
  readonly #onClientAbort = (): void => this.#controller.abort(this.#client.reason);

  /** @param client aborts with a StrelkaError as its reason */
  constructor(client: AbortSignal) {
    this.#client = client;
    if (client.aborted) this.#onClientAbort();
    else client.addEventListener('abort', this.#onClientAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * Starts the time anew.
   * @param milliseconds until the abort
   * @param what for the message: "the first byte of the answer"
   */
  expect(milliseconds: number, what: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const seconds = Math.round(milliseconds / 100) / 10;
      this.#controller.abort(
        new StrelkaError('upstream-timeout', `The upstream took longer than ${seconds} s for ${what}. Try again.`),
      );
    }, milliseconds);
  }

  /** Something came: the running time starts over. */
  refresh(): void {
    this.#timer?.refresh();
  }

  /** @param reason why the request is given up */
  abort(reason: StrelkaError): void {
    this.#controller.abort(reason);
  }

  /** Ends timers and listeners; the attempt is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener('abort', this.#onClientAbort);
  }
}
