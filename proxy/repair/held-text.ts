/**
 * How much judging may cost: so many times the text's length, and a start on top. Past it a text is judged only when it
 * has grown by a quarter, which keeps the work linear even for text made to be slow.
 */
const costFactor = 32;
const costAtStart = 500_000;

/**
 * Text that is held back until a dialect can judge it. Judging starts at the text's beginning each time, so that it must
 * not be done for every character of a long call: hence a token to wait for, and a bound on the cost.
 */
export class HeldText {
  #text = '';
  #awaits: string | undefined;
  #judgeAt = 0;
  #cost = 0;

  get isEmpty(): boolean {
    return this.#text === '';
  }

  get text(): string {
    return this.#text;
  }

  /**
   * @param text what could not be judged
   * @param awaits what has to come before judging again makes sense
   */
  put(text: string, awaits?: string): void {
    this.#text = text;
    this.#awaits = awaits;
    this.#judgeAt = text.length + Math.max(512, text.length >> 2);
    this.#cost += text.length;
  }

  /** @returns true where the text should be judged now */
  add(piece: string): boolean {
    const before = this.#text.length;
    this.#text += piece;
    if (this.#text.length >= this.#judgeAt) return true;
    if (this.#cost > costAtStart + costFactor * this.#text.length) return false;
    if (this.#awaits === undefined) return true;
    // The last character first: looking into the whole text would join its pieces anew each time.
    return piece.includes(this.#awaits.slice(-1)) && this.#text.includes(this.#awaits, before - this.#awaits.length);
  }

  /** What is held next is another text. */
  restart(): void {
    this.#cost = 0;
  }

  /** @returns the text, which is then held no more */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
