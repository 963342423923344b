/**
 * While both wait, every fourth turn is the background's. A share keeps its promise under any load: foreground loses a
 * quarter at the most, background never waits for more than three others before each of its own. An age limit would
 * not: under a long overload all that waits is old, and the order would become one of plain age.
 */
const backgroundEvery = 4;
const overtakesAllowed = backgroundEvery - 1;

/** Waits for its turn. A line keeps the order of arrival, and is left from anywhere at no cost. */
export type Line<Waiter> = Set<Waiter>;

/** Who goes next: what has had a turn already, then foreground before background, each in the order of arrival. */
export class TurnOrder<Waiter> {
  /** Sent once with a key that was refused: it has waited already. */
  readonly again: Line<Waiter> = new Set();
  readonly foreground: Line<Waiter> = new Set();
  readonly background: Line<Waiter> = new Set();
  /** Turns of the foreground since the last one of the background, while the background waits. */
  #overtakes = 0;

  get size(): number {
    return this.again.size + this.foreground.size + this.background.size;
  }

  get lines(): readonly Line<Waiter>[] {
    return [this.again, this.foreground, this.background];
  }

  /** Takes the next one out. */
  shift(): Waiter | undefined {
    const line = this.#nextLine();
    const [waiter] = line;
    if (waiter === undefined) return undefined;
    line.delete(waiter);
    if (line === this.foreground && this.background.size > 0) this.#overtakes += 1;
    else if (line === this.background) this.#overtakes = 0;
    return waiter;
  }

  /** Takes one out that does not wait any longer. */
  remove(waiter: Waiter): void {
    for (const line of this.lines) line.delete(waiter);
    if (this.background.size === 0) this.#overtakes = 0;
  }

  /** @returns how many turns come before that of a line's `place`, counted from 0, as the lines are now */
  turnsBefore(line: Line<Waiter>, place: number): number {
    if (line === this.again) return place;
    const others =
      line === this.foreground
        ? Math.min(this.background.size, Math.floor((place + this.#overtakes) / overtakesAllowed))
        : Math.min(this.foreground.size, overtakesAllowed * (place + 1) - this.#overtakes);
    return this.again.size + place + others;
  }

  #nextLine(): Line<Waiter> {
    if (this.again.size > 0) return this.again;
    if (this.background.size === 0) return this.foreground;
    const overtaken = this.#overtakes >= overtakesAllowed;
    return this.foreground.size > 0 && !overtaken ? this.foreground : this.background;
  }
}
