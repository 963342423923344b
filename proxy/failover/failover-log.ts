import type { FailoverEvent } from '../contract/failover.ts';
import type { Log } from '../log.ts';

const keptEvents = 200;

/** Keeps what happened lately and tells it to the log. */
export class FailoverLog {
  readonly #log: Log;
  readonly #events: FailoverEvent[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  note(event: FailoverEvent): void {
    this.#events.push(event);
    if (this.#events.length > keptEvents) this.#events.shift();
    this.#log.info(event.sentence, { event: event.kind });
  }

  /** @returns the last events, oldest first */
  list(): readonly FailoverEvent[] {
    return this.#events;
  }
}
