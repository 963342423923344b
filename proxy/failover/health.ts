import type { ErrorKind } from '../errors.ts';
import type { Exchange } from '../exchange.ts';

export type HealthState = 'healthy' | 'degraded' | 'down';

/** Outcomes older than this say nothing about now. */
const windowMs = 5 * 60_000;
const keptOutcomes = 50;
const downAfter = 3;
const degradedShare = 0.2;

/** Failures that say nothing about the upstream (failures.md 5): the client's own, and a client that left. */
const neutral: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'invalid-json',
  'invalid-request',
  'unsupported-tool',
  'unsupported-content',
  'prompt-too-long',
  'body-too-large',
  'unknown-path',
  'wrong-method',
  'slow-request',
  'wrong-client-key',
  'foreign-host',
  'foreign-origin',
  'client-left',
  'draining',
]);

/** What the outcomes of the last minutes say: for GET /health. Streams that broke after commit count like others. */
export class Health {
  readonly #outcomes: { at: number; good: boolean }[] = [];
  readonly #now: () => number;

  /** @param now milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** @param exchange one that has ended */
  note(exchange: Exchange): void {
    const bad = exchange.attempts.map((attempt) => attempt.error).filter((kind) => kind && !neutral.has(kind));
    for (const _kind of bad) this.#push(false);
    if (exchange.outcome === 'answered' && exchange.attempts.length > 0) this.#push(true);
  }

  /** @returns down after three failures in a row, degraded where a fifth of the recent attempts failed */
  get state(): HealthState {
    const since = this.#now() - windowMs;
    const recent = this.#outcomes.filter((outcome) => outcome.at >= since);
    if (recent.length >= downAfter && recent.slice(-downAfter).every((outcome) => !outcome.good)) return 'down';
    const failed = recent.filter((outcome) => !outcome.good).length;
    return failed > 0 && failed / recent.length >= degradedShare ? 'degraded' : 'healthy';
  }

  #push(good: boolean): void {
    this.#outcomes.push({ at: this.#now(), good });
    if (this.#outcomes.length > keptOutcomes) this.#outcomes.shift();
  }
}
