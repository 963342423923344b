import { type StrelkaError, toStrelkaError } from '../errors.ts';

/** Asks an upstream for the ids of its models; throws when it can't tell. Must end soon after the signal. */
export type FetchModelList = (upstreamId: string, signal: AbortSignal) => Promise<readonly string[]>;

const freshMs = 10 * 60_000;
const retryAfterMs = 30_000;
const fetchTimeoutMs = 15_000;

interface Entry {
  list?: readonly string[];
  fetchedAt: number;
  failedAt: number;
  error?: StrelkaError;
  flight?: Promise<readonly string[]>;
}

/**
 * What each upstream offers, as far as is known. Requests never wait for it: they read what is there, and reading
 * something old makes a fresh one be fetched behind their back.
 */
export class ModelLists {
  readonly #fetchList: FetchModelList;
  readonly #clock: { now(): number };
  readonly #entries = new Map<string, Entry>();
  readonly #known = new Map<string, readonly string[]>();
  readonly #closed = new AbortController();

  /**
   * @param fetchList asks one upstream
   * @param clock milliseconds; `Date` or `performance` will do
   */
  constructor(fetchList: FetchModelList, clock: { now(): number }) {
    this.#fetchList = fetchList;
    this.#clock = clock;
  }

  /**
   * Never blocks. A list older than ten minutes, or a failure older than thirty seconds, starts a refresh.
   * @returns the ids in the upstream's order, the last known ones where a refresh failed; undefined when none came yet
   */
  get(upstreamId: string): readonly string[] | undefined {
    const entry = this.#entries.get(upstreamId);
    // The failure is kept for errorOf(): here nobody waits for it.
    if (!this.#closed.signal.aborted && this.#isDue(entry)) this.refresh(upstreamId).catch(() => {});
    return entry?.list;
  }

  /**
   * Asks the upstream now, or joins the question that is under way.
   * @returns the new list; rejects with a StrelkaError, and the old list stays
   */
  refresh(upstreamId: string): Promise<readonly string[]> {
    const entry: Entry = this.#entries.get(upstreamId) ?? { fetchedAt: -Infinity, failedAt: -Infinity };
    this.#entries.set(upstreamId, entry);
    entry.flight ??= this.#fetch(upstreamId, entry).finally(() => {
      entry.flight = undefined;
    });
    return entry.flight;
  }

  /** @returns why the last refresh failed; undefined after one that worked */
  errorOf(upstreamId: string): StrelkaError | undefined {
    return this.#entries.get(upstreamId)?.error;
  }

  /** @returns every list that is known, old ones too; the map is live */
  all(): ReadonlyMap<string, readonly string[]> {
    return this.#known;
  }

  /** Forgets an upstream, for example when its address changed. */
  forget(upstreamId: string): void {
    this.#entries.delete(upstreamId);
    this.#known.delete(upstreamId);
  }

  /** Ends what is under way; nothing is asked behind anybody's back after that. */
  close(): void {
    this.#closed.abort();
  }

  #isDue(entry: Entry | undefined): boolean {
    if (entry === undefined) return true;
    const now = this.#clock.now();
    return entry.flight === undefined && now - entry.fetchedAt >= freshMs && now - entry.failedAt >= retryAfterMs;
  }

  async #fetch(upstreamId: string, entry: Entry): Promise<readonly string[]> {
    try {
      const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(fetchTimeoutMs)]);
      const list = Object.freeze([...(await this.#fetchList(upstreamId, signal))]);
      entry.list = list;
      entry.fetchedAt = this.#clock.now();
      entry.error = undefined;
      // An upstream that was forgotten meanwhile stays forgotten.
      if (this.#entries.get(upstreamId) === entry) this.#known.set(upstreamId, list);
      return list;
    } catch (thrown) {
      entry.error = toStrelkaError(thrown);
      entry.failedAt = this.#clock.now();
      throw entry.error;
    }
  }
}
