import type { PdfReading } from './pdf-reading.ts';

/** Documents that are kept: more than any conversation holds. */
const mostReadings = 64;
/** Characters of text that are kept in all; a page has some 3000. */
const mostCharacters = 16_000_000;

/** Remembers what was read of the latest PDFs, because a PDF stays in its conversation and comes again in each turn. */
export class PdfCache {
  /** In order of use, the latest last. */
  readonly #readings = new Map<string, PdfReading>();
  readonly #limits: { readings: number; characters: number };
  #characters = 0;

  constructor(limits = { readings: mostReadings, characters: mostCharacters }) {
    this.#limits = limits;
  }

  get(key: string): PdfReading | undefined {
    const reading = this.#readings.get(key);
    if (reading) {
      this.#readings.delete(key);
      this.#readings.set(key, reading);
    }
    return reading;
  }

  /** Keeps a reading, and forgets those not asked for longest where there are too many. */
  set(key: string, reading: PdfReading): void {
    this.#forget(key);
    const size = sizeOf(reading);
    // It would push out all others and then itself.
    if (size > this.#limits.characters) return;
    this.#readings.set(key, reading);
    this.#characters += size;
    for (const oldest of this.#readings.keys()) {
      if (this.#readings.size <= this.#limits.readings && this.#characters <= this.#limits.characters) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const reading = this.#readings.get(key);
    if (!reading) return;
    this.#readings.delete(key);
    this.#characters -= sizeOf(reading);
  }
}

function sizeOf(reading: PdfReading): number {
  return 'pages' in reading ? reading.pages.reduce((sum, page) => sum + page.length, 0) : 0;
}
