/** A model that has fallen into a loop: the same unit again and again up to the text's end. */
export interface Repetition {
  /** Where in the text the loop begins. */
  start: number;
  unit: string;
  /** How often the unit stands there whole. */
  count: number;
}

const longestFragment = 200;
/** Files do hold long runs of blanks or equal lines; these sizes lie beyond what people write. */
const shortestBlankLoop = 4_000;
const shortestLoop = 12_000;
const fewestTurns = 60;

/**
 * Tells whether a text ends in a repetition loop (issue 3: "repetition loops in arguments"): blanks for 4000 characters,
 * or a fragment of at most 200 characters at least 60 times and over 12,000 characters.
 * @param text what the model wrote so far; only its end is looked at, so that asking now and then costs little
 * @returns the loop, or nothing
 */
export function findRepetition(text: string): Repetition | undefined {
  const blanks = text.length - text.trimEnd().length;
  if (blanks >= shortestBlankLoop) {
    const start = text.length - blanks;
    return { start, unit: text.slice(start, start + 1), count: blanks };
  }
  if (text.length < shortestLoop) return undefined;
  const tail = text.slice(-shortestLoop);
  const period = findPeriod(tail);
  if (period === undefined || shortestLoop / period < fewestTurns) return undefined;
  let start = text.length - shortestLoop;
  while (start > 0 && text.charCodeAt(start - 1) === text.charCodeAt(start - 1 + period)) start -= 1;
  return { start, unit: text.slice(start, start + period), count: Math.floor((text.length - start) / period) };
}

/** @returns the smallest distance at which the whole text repeats itself, if it is a fragment's length */
function findPeriod(text: string): number | undefined {
  for (let period = 1; period <= longestFragment; period += 1) {
    let at = period;
    while (at < text.length && text.charCodeAt(at) === text.charCodeAt(at - period)) at += 1;
    if (at === text.length) return period;
  }
  return undefined;
}
