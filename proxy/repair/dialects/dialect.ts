import type { FinishReason } from '../../part.ts';
import type { DeclaredTool } from '../repair.ts';

/** What a dialect makes of text that starts with one of its openers. */
export type Reading =
  /** It still can be a call; `awaits` is what has to come before asking again makes sense. */
  | { kind: 'more'; awaits?: string }
  /**
   * It is no call: the first `length` characters are text. With `until`, openers count for nothing before that text has
   * passed, because they stand inside a call that can't be taken (of an undeclared tool, say).
   */
  | { kind: 'text'; length: number; until?: string }
  | { kind: 'calls'; repair: string; calls: ReadCall[]; length: number }
  /** A harmony header: what follows is thinking or text. */
  | { kind: 'channel'; channel: 'reasoning' | 'text'; length: number }
  /** Markup that ends something and says nothing. */
  | { kind: 'drop'; length: number };

export interface ReadCall {
  name: string;
  input: Record<string, unknown>;
}

export type Tools = ReadonlyMap<string, DeclaredTool>;

/**
 * @param text starts with the dialect's opener; grows from asking to asking, and so may never be read differently later
 * @param tools the declared tools
 * @param ending why the answer ended, undefined while it goes on; with it a dialect must not answer `more`
 */
export type ReadDialect = (text: string, tools: Tools, ending: FinishReason | undefined) => Reading;

/** True where the model stopped by itself, so that a missing outer tag is a slip and not a cut (failures.md 2, C21). */
export function endedSoundly(ending: FinishReason | undefined): boolean {
  return ending === 'stop' || ending === 'tool-calls';
}

/** @returns `more` while the answer goes on, else all of the text as text: what was cut is never run (N13) */
export function wait(text: string, ending: FinishReason | undefined, awaits?: string): Reading {
  return ending === undefined ? { kind: 'more', awaits } : { kind: 'text', length: text.length };
}

/** @returns the first place from `at` on that is no white space */
export function skipSpace(text: string, at: number): number {
  let place = at;
  while (place < text.length && isSpace(text.charCodeAt(place))) place += 1;
  return place;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xa0;
}

/**
 * Compares what stands at a place with an expected word.
 * @returns 'yes', 'no', or 'cut' where the text ends inside the word
 */
export function match(text: string, at: number, word: string): 'yes' | 'no' | 'cut' {
  if (text.startsWith(word, at)) return 'yes';
  return text.length - at < word.length && word.startsWith(text.slice(at)) ? 'cut' : 'no';
}

/** @returns true for what can be a tool's name, declared or not */
export function isWord(text: string): boolean {
  return /^[\w.:-]{1,64}$/.test(text);
}

/** @returns true where a declared name begins with the text */
export function startsName(text: string, names: Iterable<string>): boolean {
  for (const name of names) if (name.startsWith(text)) return true;
  return false;
}

/** @returns how many characters at the text's end may be the beginning of the word, never the whole word */
export function cutLength(text: string, word: string): number {
  for (let length = Math.min(word.length - 1, text.length); length > 0; length -= 1)
    if (text.endsWith(word.slice(0, length))) return length;
  return 0;
}
