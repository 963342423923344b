import type { ErrorKind } from '../errors.ts';
import type { Target } from './routes.ts';
import type { Fault } from './watches.ts';

/** How an attempt ended. Times are in milliseconds; `status` is the HTTP status of the upstream's answer. */
export type AttemptOutcome =
  | { result: 'good'; ttftMs: number; totalMs: number }
  | { result: 'bad'; kind: ErrorKind; status?: number | undefined; afterCommit: boolean }
  /** The client left, or the attempt was not needed any more (hedging). */
  | { result: 'neutral' };

export interface TicketBook {
  settle(ticket: Ticket, outcome: AttemptOutcome): void;
  /** @returns true where the same target may be tried again */
  retry(ticket: Ticket, fault: Fault): boolean;
}

/** Leave to try one target for one exchange. It has to be settled; one that is lost only costs its place for a while. */
export class Ticket {
  readonly target: Target;
  /** A breaker is half-open, and this request is one of its trials. */
  readonly trial: boolean;
  /** Every door is shut: tried all the same. */
  readonly lastResort: boolean;
  #book: TicketBook | undefined;

  constructor(target: Target, kind: { trial: boolean; lastResort: boolean }, book: TicketBook) {
    this.target = target;
    this.trial = kind.trial;
    this.lastResort = kind.lastResort;
    this.#book = book;
  }

  /** Tells how the attempt ended. Only the first call counts. */
  settle(outcome: AttemptOutcome): void {
    const book = this.#book;
    this.#book = undefined;
    book?.settle(this, outcome);
  }

  /**
   * Tells of a failure after which the same target could be asked again.
   * @returns true where it may be; false where it is out of use by now and another target is left: the ticket is then
   *   settled, and the next one to be had
   */
  retry(fault: Fault): boolean {
    const book = this.#book;
    if (book === undefined) return false;
    if (book.retry(this, fault)) return true;
    this.#book = undefined;
    return false;
  }
}
