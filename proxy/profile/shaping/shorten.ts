/** What stands in the place of what was cut off. */
export const cutMark = '[The rest was left out.]';

const sentenceEnd = /[.!?…。！？](?=\s|$)/g;

/** @returns the text up to the end of its first sentence; "e.g." and the like do not end one */
export function firstSentence(text: string): string {
  for (const match of text.matchAll(sentenceEnd)) {
    const end = match.index + 1;
    if (!/(?<!\p{L})(?:e\.g|i\.e|etc|vs|cf|approx|т\.е|т\.д|т\.п|др)\.$/iu.test(text.slice(0, end)))
      return text.slice(0, end);
  }
  return text;
}

/** @returns at most so many characters: whole words and … where words were left out */
export function shorten(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = text.slice(0, wordEnd(text, limit - 1));
  return `${kept.replace(/[\s,;:–—-]+$/, '')}…`;
}

/**
 * Cuts a text at the last paragraph's end that fits, with a plain mark; at a line's, a sentence's or a word's where
 * there is none.
 * @param limit characters of the result, the mark included
 * @returns the text itself where it fits, '' where not even the mark does
 */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const room = limit - cutMark.length - 1;
  if (room <= 0) return '';
  const start = text.slice(0, room + 1);
  // A boundary in the first third would waste the room.
  const least = room / 3;
  const ends = [start.lastIndexOf('\n\n'), start.lastIndexOf('\n'), lastSentenceEnd(start)];
  const end = ends.find((each) => each >= least) ?? wordEnd(text, room);
  return `${text.slice(0, end).trimEnd()}\n${cutMark}`;
}

function lastSentenceEnd(text: string): number {
  let end = -1;
  for (const match of text.matchAll(sentenceEnd)) end = match.index + 1;
  return end;
}

/** @returns where the last word that fits ends; an unbroken run is cut, but not within a character of two halves */
function wordEnd(text: string, limit: number): number {
  const blank = Math.max(text.lastIndexOf(' ', limit), text.lastIndexOf('\n', limit));
  if (blank > limit / 2) return blank;
  const code = text.charCodeAt(limit);
  return code >= 0xdc00 && code <= 0xdfff ? limit - 1 : limit;
}
