/**
 * Models that go on with a text often repeat its last words, or start it anew. Cuts that from the beginning of a
 * continuation, so that the client sees one text (issue 4, "Takeover").
 */
export class OverlapCutter {
  readonly #sent: string;
  readonly #tails: readonly string[];
  #held = '';
  #decided = false;

  /** @param sent the text that the client has already */
  constructor(sent: string) {
    this.#sent = sent;
    this.#tails = tailsOf(sent);
  }

  /**
   * @param text the next words of the continuation
   * @returns what may go to the client; '' while it can still be a repetition
   */
  write(text: string): string {
    if (this.#decided) return text;
    this.#held += text;
    return this.#mayRepeat() ? '' : this.#decide();
  }

  /** The continuation has ended. @returns what was held and is no repetition */
  end(): string {
    return this.#decided ? '' : this.#decide();
  }

  /** Still a beginning of the whole text, or possibly of its end. */
  #mayRepeat(): boolean {
    const held = this.#held.trimStart();
    if (this.#sent === '') return false;
    if (held.length < this.#sent.length && this.#sent.startsWith(held)) return true;
    return held.length < longestOverlap && this.#tails.some((tail) => tail.startsWith(held));
  }

  #decide(): string {
    this.#decided = true;
    const held = this.#held;
    const lead = held.length - held.trimStart().length;
    const trimmed = held.slice(lead);
    if (this.#sent.length >= shortestOverlap && trimmed.startsWith(this.#sent)) return trimmed.slice(this.#sent.length);
    const overlap = this.#tails.find((tail) => trimmed.startsWith(tail));
    if (overlap !== undefined) return trimmed.slice(overlap.length);
    // White space at the end of what was sent is not shown to the model: it writes it again.
    const blank = /\s*$/.exec(this.#sent)?.[0] ?? '';
    return held.startsWith(blank) ? held.slice(blank.length) : held;
  }
}

/** Fewer common characters are chance. */
const shortestOverlap = 12;
const longestOverlap = 200;

/** Ends of a text that a continuation may begin with, longest first; they begin where a word does. */
function tailsOf(text: string): string[] {
  const tails: string[] = [];
  const first = Math.max(0, text.length - longestOverlap);
  for (let start = first; start <= text.length - shortestOverlap; start++)
    if (start === 0 || (/\s/.test(text.charAt(start - 1)) && !/\s/.test(text.charAt(start))))
      tails.push(text.slice(start));
  return tails;
}
