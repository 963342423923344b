import { StrelkaError } from '../errors.ts';
import { type Line, TurnOrder } from './rate-limit-order.ts';
import type { Departure, Pace } from './rate-limit-pace.ts';

/** Time, so that tests can have their own. */
export interface Clock {
  /** Milliseconds that never go back. */
  now(): number;
  /** @returns what calls the timer off */
  after(milliseconds: number, act: () => void): () => void;
}

const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, act) => {
    // Rounded up: a timer that fires early finds nothing to do.
    const timer = setTimeout(act, Math.min(Math.ceil(milliseconds), longestTimerMs));
    return () => clearTimeout(timer);
  },
};

/** One key, as far as turns are concerned. */
export interface Lane {
  /** Undefined: as fast as requests come. */
  pace: Pace | undefined;
  /** Number of its latest turn: of several free lanes the one that rested longest is used. */
  lastTurn: number;
}

/** What a request wants of the queue. */
export interface TurnWish {
  /** The small tier: titles and summaries, which nobody sits and waits for. */
  background: boolean;
  /** Sent once with a key that was refused. */
  again?: boolean;
  /** Aborts with a StrelkaError as its reason. */
  signal: AbortSignal;
  /** A wait that is going to be longer is refused at once. */
  maxWaitMs: number;
  /** Hears once how long it was in the queue, however that ended; never where there was no wait. */
  onWait?(milliseconds: number): void;
}

export interface Turn<Key extends Lane> {
  lane: Key;
  departure: Departure | undefined;
}

interface Waiter<Key extends Lane> {
  /** When it leaves without a turn. */
  until: number;
  go(turn: Turn<Key>): void;
  refuse(error: StrelkaError): void;
}

/** Who was let in stays a little longer than wished: timers are late, and a wait that was nearly over is not thrown away. */
const leniency = 1.1;

/** The queue of one upstream, before all of its keys and behind both doors (issue 4, point 6). */
export class RateLimit<Key extends Lane> {
  readonly #upstream: string;
  readonly #lanes: () => readonly Key[];
  readonly #clock: Clock;
  readonly #order = new TurnOrder<Waiter<Key>>();
  #turns = 0;
  #stopTimer: (() => void) | undefined;

  /**
   * @param upstream its name, for messages
   * @param lanes the keys that can be used now; asked anew for each turn. While there is none, everyone waits.
   */
  constructor(upstream: string, lanes: () => readonly Key[], clock: Clock) {
    this.#upstream = upstream;
    this.#lanes = lanes;
    this.#clock = clock;
  }

  /**
   * Waits for a turn: in the order of arrival, foreground before background.
   * @throws StrelkaError 'rate-limited' with `retryAfter` where the wait is longer than wished; the signal's reason
   */
  async acquire(wish: TurnWish): Promise<Turn<Key>> {
    wish.signal.throwIfAborted();
    const free = this.#order.size === 0 ? this.#freeLane() : undefined;
    if (free) return this.#take(free);
    const line = this.#lineOf(wish);
    const expectedMs = this.#timeOf(line, line.size) - this.#clock.now();
    if (expectedMs > wish.maxWaitMs) throw this.#tooLong(expectedMs);
    return new Promise((resolve, reject) => this.#enter(line, wish, resolve, reject));
  }

  /** Has to be told when keys or their paces have changed: turns come sooner, or later than somebody wished. */
  reconsider(): void {
    for (const line of this.#order.lines) {
      let place = 0;
      for (const waiter of [...line]) {
        const at = this.#timeOf(line, place);
        if (at > waiter.until) waiter.refuse(this.#tooLong(at - this.#clock.now()));
        else place += 1;
      }
    }
    this.#serve();
  }

  /** Sends everyone away, as when the last key is gone. */
  refuseAll(error: StrelkaError): void {
    for (const line of this.#order.lines) for (const waiter of [...line]) waiter.refuse(error);
  }

  #lineOf(wish: TurnWish): Line<Waiter<Key>> {
    if (wish.again) return this.#order.again;
    return wish.background ? this.#order.background : this.#order.foreground;
  }

  #enter(
    line: Line<Waiter<Key>>,
    wish: TurnWish,
    resolve: (turn: Turn<Key>) => void,
    reject: (error: unknown) => void,
  ): void {
    const since = this.#clock.now();
    const patienceMs = wish.maxWaitMs * leniency;
    const leave = (): void => {
      this.#order.remove(waiter);
      stopPatience();
      wish.signal.removeEventListener('abort', onAbort);
      if (this.#order.size === 0) this.#rest();
      wish.onWait?.(this.#clock.now() - since);
    };
    const waiter: Waiter<Key> = {
      until: since + patienceMs,
      go: (turn) => {
        leave();
        resolve(turn);
      },
      refuse: (error) => {
        leave();
        reject(error);
      },
    };
    const onAbort = (): void => {
      leave();
      reject(wish.signal.reason);
    };
    // Others may have gone before it since it was told what to expect.
    const stopPatience = this.#clock.after(patienceMs, () => {
      const at = this.#timeOf(line, [...line].indexOf(waiter));
      waiter.refuse(this.#tooLong(at - this.#clock.now()));
    });
    wish.signal.addEventListener('abort', onAbort, { once: true });
    line.add(waiter);
    if (this.#order.size === 1) this.#serve();
  }

  /** Lets go whoever's turn it is, and comes back when it is the next one's. */
  #serve(): void {
    this.#rest();
    while (this.#order.size > 0) {
      const lane = this.#freeLane();
      if (lane) this.#order.shift()?.go(this.#take(lane));
      else {
        this.#stopTimer = this.#clock.after(this.#timeAfter(0) - this.#clock.now(), () => this.#serve());
        return;
      }
    }
  }

  #rest(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  /** @returns the key to use now: of those that are free the one that rested longest */
  #freeLane(): Key | undefined {
    const now = this.#clock.now();
    let free: Key | undefined;
    for (const lane of this.#lanes())
      if ((lane.pace?.dueAt ?? now) <= now && (!free || lane.lastTurn < free.lastTurn)) free = lane;
    return free;
  }

  #take(lane: Key): Turn<Key> {
    this.#turns += 1;
    lane.lastTurn = this.#turns;
    return { lane, departure: lane.pace?.take(this.#clock.now()) };
  }

  /** @returns when the turn of a line's place comes, as far as can be told now */
  #timeOf(line: Line<Waiter<Key>>, place: number): number {
    return this.#timeAfter(this.#order.turnsBefore(line, place));
  }

  /**
   * @param before turns that come first
   * @returns within a few distances: all keys have the same pace, and a burst is paid for later
   */
  #timeAfter(before: number): number {
    const now = this.#clock.now();
    const lanes = this.#lanes();
    const spacingMs = lanes[0]?.pace?.spacingMs ?? 0;
    const dues = lanes.map(({ pace }) => Math.max(pace?.dueAt ?? now, now)).sort((one, other) => one - other);
    let at = Infinity;
    let sum = 0;
    for (const [index, due] of dues.entries()) {
      if (due >= at) break;
      sum += due;
      at = Math.max(due, (sum + spacingMs * (before - index)) / (index + 1));
    }
    return at;
  }

  #tooLong(waitMs: number): StrelkaError {
    const seconds = Math.max(1, Math.ceil(waitMs / 1000));
    return new StrelkaError(
      'rate-limited',
      `${this.#upstream} limits the rate of requests, and the next turn is ${seconds} s away. Wait a moment and try again.`,
      { retryAfter: seconds },
    );
  }
}
