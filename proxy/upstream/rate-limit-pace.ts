/** One request that a key was used for. Times are the clock's milliseconds. */
export interface Departure {
  /** When its turn came. */
  readonly takenAt: number;
  /** When it left, as far as is known: later than its turn where a connection had to be opened first. */
  leftAt: number;
}

/**
 * Distance is kept with this share to spare: two requests may travel for different times, so that they arrive closer
 * together than they left. Of a second that is 25 ms, and more than 97 % of the limit is left.
 */
const spare = 1.025;
/**
 * So many may leave at once after a rest: what a client asks for side by side does not wait for nothing. More would be
 * a burst that some counters refuse.
 */
const burst = 3;
/** Timers are late (15 ms on Windows), and what they lose is made up for, at any rate. */
const leastCatchUpMs = 25;
/** After a 429 that names no time: this long, and twice as long each time that nothing got through in between. */
const firstPauseMs = 500;
const longestPauseMs = 8_000;
/** At rates beyond, the distance is kept over less than a second. */
const mostRemembered = 1_000;

/**
 * How fast one key may be used. Two rules at once: a small token bucket keeps the distances steady, which suits every
 * way in which an upstream may count; and a look back at a second's worth of requests makes sure that no second, however
 * it is laid, sees more than the limit: neither after a burst, nor where some left late.
 */
export class Pace {
  readonly spacingMs: number;
  /** Any two requests that are this many apart are a window's length apart. */
  readonly #capacity: number;
  readonly #windowMs: number;
  /** The last {@link #capacity} requests, oldest first. */
  readonly #departures: Departure[] = [];
  readonly #catchUpMs: number;
  #nextAt = -Infinity;
  #pausedUntil = -Infinity;
  #pauses = 0;

  /**
   * @param perSecond above 0, fractions allowed
   * @param previous hands over its departures and its pause, where a rate takes the place of another
   */
  constructor(perSecond: number, previous?: Pace) {
    this.#capacity = Math.min(Math.max(1, Math.floor(perSecond)), mostRemembered);
    this.#windowMs = (this.#capacity / perSecond) * 1000 * spare;
    this.spacingMs = this.#windowMs / this.#capacity;
    this.#catchUpMs = Math.max(leastCatchUpMs, (burst - 0.5) * this.spacingMs);
    if (!previous) return;
    this.#departures = previous.#departures.slice(-this.#capacity);
    this.#nextAt = previous.#nextAt;
    this.#pausedUntil = previous.#pausedUntil;
    this.#pauses = previous.#pauses;
  }

  /** @returns the earliest time of the next request; in the past where the key is free */
  get dueAt(): number {
    const oldest = this.#departures.length < this.#capacity ? undefined : this.#departures[0];
    return Math.max(this.#nextAt, this.#pausedUntil, oldest ? oldest.leftAt + this.#windowMs : -Infinity);
  }

  /** Uses the key. The caller has seen that it is due. */
  take(now: number): Departure {
    const departure = { takenAt: now, leftAt: now };
    this.#departures.push(departure);
    if (this.#departures.length > this.#capacity) this.#departures.shift();
    this.#nextAt = Math.max(this.#nextAt, now - this.#catchUpMs) + this.spacingMs;
    return departure;
  }

  /**
   * The upstream answered 429. Whatever follows, the pace is the old one after the pause.
   * @param retryAfterMs what the upstream asked for, if it did
   */
  limit(departure: Departure, now: number, retryAfterMs: number | undefined): void {
    if (retryAfterMs !== undefined && retryAfterMs > 0) {
      this.#pausedUntil = Math.max(this.#pausedUntil, now + retryAfterMs);
      return;
    }
    // Of many that were under way together, the first to be refused has said it all.
    if (departure.takenAt < this.#pausedUntil) return;
    this.#pausedUntil = now + Math.min(firstPauseMs * 2 ** this.#pauses, longestPauseMs);
    this.#pauses += 1;
  }

  /** The upstream took the request. */
  accept(departure: Departure): void {
    if (departure.takenAt >= this.#pausedUntil) this.#pauses = 0;
  }
}
