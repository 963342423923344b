/** Sizes up to which a held text is judged anew with each piece that may decide it. */
const smallWithoutToken = 2_048;
const smallWithToken = 65_536;

/**
 * Text that is held back until a dialect can judge it. Judging starts at the text's beginning each time, so that it must
 * not be done for every character of a long call: a token to wait for and a growing distance keep the work linear.
 */
export class HeldText {
  #text = '';
  #awaits: string | undefined;
  #judgeAt = 0;

  get isEmpty(): boolean {
    return this.#text === '';
  }

  /** True where the text has grown by so much since it was last judged that a look at the whole is cheap. */
  get hasGrown(): boolean {
    return this.#text.length >= this.#judgeAt;
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
  }

  /** @returns true where the text should be judged now */
  add(piece: string): boolean {
    const before = this.#text.length;
    this.#text += piece;
    if (this.hasGrown) return true;
    if (this.#awaits === undefined) return this.#text.length < smallWithoutToken;
    // The last character first: looking into the whole text would join its pieces anew each time.
    if (this.#text.length > smallWithToken || !piece.includes(this.#awaits.slice(-1))) return false;
    return this.#text.includes(this.#awaits, before - this.#awaits.length);
  }

  /** @returns the text, which is then held no more */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }
}
