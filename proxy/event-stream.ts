import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type Call, clientLeft, requestIdHeaders } from './call.ts';

/** protocol.md 1.9, rule 6: pings reset the client's watchdogs; its banner comes after 20 s. */
const pingMs = 10_000;
/** A client that takes nothing for this long is gone, whatever its socket says. */
const slowReaderMs = 120_000;

/** A Server-Sent Events answer that has begun. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #ping: string;
  readonly #timer: NodeJS.Timeout;

  /**
   * Sends nothing yet: headers leave with the first write.
   * @param call whose answer this is; its signal aborts when the client leaves
   * @param ping what is written after each ten seconds of silence
   */
  constructor({ response, exchange, signal }: Call, ping: string) {
    this.#response = response;
    this.#signal = signal;
    this.#ping = ping;
    // Not written here: an answer that is whole at once then leaves in one piece with its head.
    response.statusCode = 200;
    response.setHeaders(
      new Map([
        ['content-type', 'text/event-stream; charset=utf-8'],
        ['cache-control', 'no-cache'],
        ...Object.entries(requestIdHeaders(exchange.id)),
        // For users who put a web server in front.
        ['x-accel-buffering', 'no'],
      ]),
    );
    this.#timer = setTimeout(() => this.#sendPing(), pingMs);
  }

  /**
   * Writes text in one go and waits where the client reads more slowly than the model writes.
   * @throws StrelkaError 'client-left' where the client reads nothing at all any more
   */
  async write(text: string): Promise<void> {
    if (text === '') return;
    this.#timer.refresh();
    if (this.#response.write(text) || this.#response.destroyed) return;
    try {
      await once(this.#response, 'drain', {
        signal: AbortSignal.any([this.#signal, AbortSignal.timeout(slowReaderMs)]),
      });
    } catch {
      this.#response.destroy();
      throw clientLeft();
    }
  }

  /** @param text the last events */
  end(text: string): void {
    this.close();
    this.#response.end(text);
  }

  /** Stops the pings. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #sendPing(): void {
    if (!this.#response.destroyed && !this.#response.writableNeedDrain) this.#response.write(this.#ping);
    this.#timer.refresh();
  }
}
