/** Writes whole lines to a stream, those of one turn of the event loop in one go: under load each write costs. */
export class LineWriter {
  readonly #write: (text: string) => void;
  #waiting = '';

  /** @param write takes any number of whole lines */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  write(line: string): void {
    if (this.#waiting === '') setImmediate(() => this.flush());
    this.#waiting += line;
  }

  /** Writes what waits now: the process is about to end. */
  flush(): void {
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') this.#write(text);
  }
}
