import { hash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { BackgroundThread } from '../background-thread.ts';
import { StrelkaError } from '../errors.ts';
import { PdfCache } from './pdf-cache.ts';
import type { PdfQuestion, PdfReading } from './pdf-reading.ts';

/** pdf.js reads a hundred pages of text in well under a second; what takes this long is broken or made to be slow. */
const timeLimitMs = 20_000;
/**
 * Some files blow up to gigabytes: then the thread dies and not the gateway. The small young generation matters: with a
 * large one the heap can jump over its limit in one collection, and V8 ends the whole process.
 */
const heapLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 4 };

export interface PdfReaderOptions {
  /** Starts the thread; tests put their own in its place. */
  start?: () => Worker;
  timeLimitMs?: number;
  cache?: PdfCache;
}

/**
 * Reads the text layer of PDFs, in a thread of its own: a huge or hostile file can hold up that thread and nothing
 * else. The thread starts with the first PDF, because pdf.js costs memory and time that most users never need.
 */
export class PdfReader {
  readonly #thread: BackgroundThread<PdfQuestion, PdfReading>;
  readonly #cache: PdfCache;
  /** Readings under way, by the file's hash: parallel requests of one conversation hold the same files. */
  readonly #underWay = new Map<string, Promise<PdfReading>>();

  constructor(options: PdfReaderOptions = {}) {
    // A file that killed a thread would kill the next one too.
    this.#thread = new BackgroundThread({
      start: options.start ?? startPdfWorker,
      mostDeaths: 1,
      timeLimitMs: options.timeLimitMs ?? timeLimitMs,
    });
    this.#cache = options.cache ?? new PdfCache();
  }

  /**
   * @param data the file in base64
   * @returns its text, or why there is none
   * @throws StrelkaError `draining` after close, `internal` where the thread itself is out of order
   */
  read(data: string): Promise<PdfReading> {
    const key = hash('sha256', data);
    const known = this.#cache.get(key);
    if (known) return Promise.resolve(known);
    const started = this.#underWay.get(key);
    if (started) return started;
    const reading = this.#ask(data)
      .then((read) => {
        this.#cache.set(key, read);
        return read;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, reading);
    return reading;
  }

  /** Ends the thread; readings under way are refused. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  async #ask(data: string): Promise<PdfReading> {
    const outcome = await this.#thread.ask({ data });
    if ('answer' in outcome) return outcome.answer;
    const { failure, cause } = outcome;
    if (failure === 'closed') throw new StrelkaError('draining', 'Strelka is shutting down; ask again in a moment.');
    if (failure === 'overdue' || isOutOfMemory(cause)) return { problem: 'too-heavy' };
    throw new StrelkaError('internal', 'The PDF reader stopped over a document; please report it.', { cause });
  }
}

function startPdfWorker(): Worker {
  return new Worker(new URL('./pdf-worker.ts', import.meta.url), {
    name: 'strelka-pdf-reader',
    // The parent's own flags mean nothing to this file, and some would stop it.
    execArgv: [],
    resourceLimits: heapLimits,
  });
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
}
