import type { FailoverEvent } from '../contract/failover.ts';
import type { Log } from '../log.ts';

const keptEvents = 200;

/** Keeps what happened lately and tells it to the log; listeners hear of it as it happens. */
export class FailoverLog {
  readonly #log: Log;
  readonly #events: FailoverEvent[] = [];
  readonly #listeners = new Set<(event: FailoverEvent) => void>();

  constructor(log: Log) {
    this.#log = log;
  }

  note(event: FailoverEvent): void {
    this.#events.push(event);
    if (this.#events.length > keptEvents) this.#events.shift();
    this.#log.info(event.sentence, { event: event.kind });
    for (const listener of this.#listeners) listener(event);
  }

  /** @returns the last events, oldest first */
  list(): readonly FailoverEvent[] {
    return this.#events;
  }

  /** @returns a function that ends the listening */
  listen(listener: (event: FailoverEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
