import { StrelkaError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Clock, type Lane, RateLimit, systemClock, type Turn, type TurnWish } from './rate-limit.ts';
import { Pace } from './rate-limit-pace.ts';

/** One key of an upstream. Its place in the list names it: no part of a key is ever shown. */
interface Key extends Lane {
  /** Undefined where the upstream asks for no key. */
  secret: string | undefined;
  /** From 1, as the list that it stands in. */
  position: number;
  /** Why the upstream will not have it, and until when nobody asks again. */
  aside?: { until: number; why: string };
}

/** The right to send one request, with one key. */
export interface KeyTurn {
  readonly secret: string | undefined;
  /** The request is on its way: until then it may have waited for a connection. */
  sent(): void;
  /** The upstream took the key and the request. */
  accepted(): void;
  /**
   * The upstream refused. What has to do with the key or its rate is kept in mind.
   * @returns the error to give out; undefined where another key can take the request at once
   */
  refused(error: StrelkaError): StrelkaError | undefined;
}

export interface KeyRingOptions {
  /** Id and name of the upstream. */
  id: string;
  name: string;
  log: Log;
  clock?: Clock;
}

/** A refused key may be mended at the provider's, so it is tried again now and then: that costs one answer. */
const asideMs = 10 * 60_000;

const asideWords: Partial<Record<StrelkaError['kind'], string>> = {
  'upstream-key-refused': 'was refused (401)',
  'balance-empty': 'has no balance left',
};

/**
 * The keys of one upstream, each with its own rate, behind one queue: whichever is free first takes the next request.
 * It outlives the upstream's settings, so that a change of theirs neither forgets a pause nor a refused key.
 */
export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #clock: Clock;
  readonly #limit: RateLimit<Key>;
  #keys: readonly Key[] = [];
  #perSecond = 0;

  constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#limit = new RateLimit(options.name, () => this.#usable(), this.#clock);
  }

  /** How many keys there are, those that are set aside included. */
  get size(): number {
    return this.#keys.length;
  }

  /**
   * Puts keys and rate in force, also for those that wait already. What is known of a key that stays is kept.
   * @param secrets in the order of the list; one undefined where the upstream needs none; empty where one is missing
   * @param perSecond requests that each key may make; 0: no limit
   */
  replace(secrets: readonly (string | undefined)[], perSecond: number): void {
    const known = new Map(this.#keys.map((key) => [key.secret, key]));
    this.#keys = [...new Set(secrets)].map((secret, index) => {
      const key: Key = known.get(secret) ?? { secret, position: 0, pace: undefined, lastTurn: 0 };
      key.position = index + 1;
      if (perSecond === 0) key.pace = undefined;
      else if (!key.pace || perSecond !== this.#perSecond) key.pace = new Pace(perSecond, key.pace);
      return key;
    });
    this.#perSecond = perSecond;
    if (this.#keys.length === 0) this.#limit.refuseAll(this.#missing());
    else this.#limit.reconsider();
  }

  /**
   * Waits for the turn of a request.
   * @throws StrelkaError 'upstream-key-missing', 'rate-limited' where the wait is longer than wished, the signal's reason
   */
  async take(wish: TurnWish): Promise<KeyTurn> {
    if (this.#keys.length === 0) throw this.#missing();
    const turn = await this.#limit.acquire(wish);
    const { lane: key, departure } = turn;
    return {
      secret: key.secret,
      sent: () => {
        if (departure) departure.leftAt = this.#clock.now();
      },
      accepted: () => {
        if (departure) key.pace?.accept(departure);
        if (key.aside) this.#options.log.info(`${this.#options.name} takes ${this.#nameOf(key)} again.`);
        key.aside = undefined;
      },
      refused: (error) => (error.kind === 'rate-limited' ? this.#slowDown(turn, error) : this.#setAside(key, error)),
    };
  }

  /** At least one, where there is any: with all of them set aside, only the upstream can tell that one works again. */
  #usable(): readonly Key[] {
    const now = this.#clock.now();
    const good = this.#keys.filter(({ aside }) => aside === undefined || aside.until <= now);
    if (good.length > 0) return good;
    const [oldest] = this.#keys.toSorted((one, other) => (one.aside?.until ?? 0) - (other.aside?.until ?? 0));
    return oldest ? [oldest] : [];
  }

  #slowDown({ lane: key, departure }: Turn<Key>, error: StrelkaError): StrelkaError | undefined {
    const { pace } = key;
    if (!pace || !departure) return error;
    const { retryAfter } = error.detail;
    pace.limit(departure, this.#clock.now(), retryAfter === undefined ? undefined : retryAfter * 1000);
    this.#limit.reconsider();
    const sooner = this.#usable().some((other) => other !== key && (other.pace?.dueAt ?? 0) < pace.dueAt);
    return sooner ? undefined : error;
  }

  #setAside(key: Key, error: StrelkaError): StrelkaError | undefined {
    const why = asideWords[error.kind];
    if (why === undefined) return error;
    const { log, name } = this.#options;
    const now = this.#clock.now();
    const isNews = key.aside === undefined && this.#keys.length > 1 && this.#keys.includes(key);
    key.aside = { until: now + asideMs, why };
    if (isNews) log.warn(`${name}: ${this.#nameOf(key)} ${why} and is set aside. Replace it or top it up.`);
    this.#limit.reconsider();
    const others = this.#keys.filter((other) => other !== key);
    if (others.some(({ aside }) => aside === undefined || aside.until <= now)) return undefined;
    return others.length === 0 ? error : this.#noneWorks(error);
  }

  #noneWorks(error: StrelkaError): StrelkaError {
    const { id, name } = this.#options;
    const reasons = this.#keys.map(({ position, aside }) => `key ${position} ${aside?.why ?? ''}`.trim()).join(', ');
    return new StrelkaError(
      error.kind,
      `None of the keys for ${name} works: ${reasons}. Put valid ones into OPENAI_API_KEY, or store them: npm run -s strelka -- key set ${id}`,
      error.detail,
    );
  }

  #nameOf(key: Key): string {
    return this.#keys.length > 1 ? `key ${key.position} of ${this.#keys.length}` : 'its key';
  }

  #missing(): StrelkaError {
    const { id, name } = this.#options;
    return new StrelkaError(
      'upstream-key-missing',
      `There is no key for ${name}. Put it into OPENAI_API_KEY, or store it: npm run -s strelka -- key set ${id}`,
    );
  }
}
