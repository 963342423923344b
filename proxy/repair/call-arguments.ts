import { isDeepStrictEqual } from 'node:util';
import { asFields } from '../openai/chunk.ts';

/** How the fragments of one call's arguments were read. */
export type SettledArguments =
  | { state: 'whole'; objects: string[]; mended: string | null }
  | { state: 'broken'; text: string };

/**
 * Makes JSON objects of the argument fragments of one native call. The plain reading comes first; a repair is tried
 * only where that is no object, so that a sound call is never touched. Never completes a truncated object, with one
 * exception: vLLM's bogus `{}` flush in place of the last brace (failures.md N-17).
 * @param fragments `arguments` of each delta, in order; objects are allowed (N-14)
 * @param isCut the answer broke off behind them: no arguments are then arguments that have not come yet
 * @returns JSON texts of the objects: one, or several where calls were glued under one index (N-18); `mended` names
 *   the repair, null where none was needed
 */
export function settleArguments(fragments: readonly unknown[], isCut = false): SettledArguments {
  const pieces = fragments.map((fragment) =>
    typeof fragment === 'string'
      ? fragment
      : fragment === undefined || fragment === null
        ? ''
        : JSON.stringify(fragment),
  );
  const plain = pieces.join('');
  if (plain.trim() === '')
    return isCut ? { state: 'broken', text: plain } : { state: 'whole', objects: ['{}'], mended: null };
  if (parseObject(plain)) {
    const wasObject = fragments.some((fragment) => typeof fragment === 'object' && fragment !== null);
    return { state: 'whole', objects: [plain], mended: wasObject ? 'arguments-object' : null };
  }
  for (const [mended, attempt] of repairs) {
    const objects = attempt(plain, pieces, isCut);
    if (objects) return { state: 'whole', objects, mended };
  }
  return { state: 'broken', text: plain };
}

type ArgumentRepair = (plain: string, pieces: readonly string[], isCut: boolean) => string[] | undefined;

const repairs: readonly (readonly [string, ArgumentRepair])[] = [
  ['arguments-null', (plain) => (/^\s*(null|None|""|\[\])\s*$/.test(plain) ? ['{}'] : undefined)],
  ['arguments-double-encoded', (plain) => wrap(decodeTwice(plain))],
  ['arguments-repeated', (_plain, pieces) => wrap(readCumulative(pieces))],
  ['arguments-bogus-flush', (_plain, pieces, isCut) => wrap(dropBogusFlush(pieces, isCut))],
  ['arguments-tail', (plain) => wrap(dropTail(plain))],
  ['arguments-glued', (plain) => splitGlued(plain)],
  ['arguments-control-characters', (plain) => wrap(escapeControlCharacters(plain))],
];

function wrap(text: string | undefined): string[] | undefined {
  return text === undefined ? undefined : [text];
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return asFields(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** `"{\"a\":1}"`: a string that holds the object (N-15). Decoded at most twice more. */
function decodeTwice(plain: string): string | undefined {
  let text = plain;
  for (let depth = 0; depth < 2; depth++) {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return undefined;
    }
    if (typeof value !== 'string') return undefined;
    if (parseObject(value)) return value;
    text = value;
  }
  return undefined;
}

/**
 * A fragment that starts with all that came before it replaces it (N-16); a last fragment that is the whole object again
 * does so too where what came before says the same but for white space.
 */
function readCumulative(pieces: readonly string[]): string | undefined {
  let text = '';
  for (const piece of pieces) {
    const repeats = text !== '' && piece.length >= text.length && piece.startsWith(text);
    text = repeats ? piece : text + piece;
  }
  if (parseObject(text)) return text;
  const last = pieces.findLast((piece) => piece.trim() !== '') ?? '';
  const before = pieces.slice(0, pieces.lastIndexOf(last)).join('').replace(/\s+/g, '');
  return before !== '' && last.replace(/\s+/g, '').startsWith(before) && parseObject(last) ? last : undefined;
}

/** `{"a":"hello"` and then `{}`: the flush took the brace's place; `{..}{}`: it came on top (N-17). */
function dropBogusFlush(pieces: readonly string[], isCut: boolean): string | undefined {
  const plain = pieces.join('');
  const text = plain.replace(/\{\s*\}\s*$/, '');
  if (text === plain || text.trim() === '') return undefined;
  if (parseObject(text)) return text;
  const closed = `${text}}`;
  return !isCut && parseObject(closed) ? closed : undefined;
}

/** A whole object with the dialect's closing marks or one brace too many behind it. */
function dropTail(plain: string): string | undefined {
  const start = plain.search(/\S/);
  const end = endOfObject(plain, start);
  if (end === undefined || !/^(?:\s|\}|\]|```|<\|[a-z_]+\|>|<\/[a-z_]+>)+$/.test(plain.slice(end))) return undefined;
  const text = plain.slice(start, end);
  return parseObject(text) ? text : undefined;
}

/**
 * `{..}{..}`: several whole objects one behind the other (N-18). The same object twice is one call, and an empty one
 * beside others is a flush.
 */
function splitGlued(plain: string): string[] | undefined {
  const objects: string[] = [];
  const values: Record<string, unknown>[] = [];
  let start = plain.search(/\S/);
  while (start < plain.length) {
    const end = endOfObject(plain, start);
    if (end === undefined) return undefined;
    const text = plain.slice(start, end);
    const value = parseObject(text);
    if (!value) return undefined;
    if (Object.keys(value).length > 0 && !values.some((known) => isDeepStrictEqual(known, value))) {
      objects.push(text);
      values.push(value);
    }
    start = end;
    while (start < plain.length && /[\s,;]/.test(plain.charAt(start))) start += 1;
  }
  return objects.length > 0 ? objects : undefined;
}

/** Line breaks and tabs that a model wrote raw into a string, where JSON wants them escaped. */
function escapeControlCharacters(plain: string): string | undefined {
  let text = '';
  let inString = false;
  for (let index = 0; index < plain.length; index++) {
    const character = plain.charAt(index);
    if (inString && character < ' ') {
      text += JSON.stringify(character).slice(1, -1);
      continue;
    }
    if (inString && character === '\\') {
      text += plain.slice(index, index + 2);
      index += 1;
      continue;
    }
    if (character === '"') inString = !inString;
    text += character;
  }
  return parseObject(text) ? text : undefined;
}

/** @returns where the object that starts at `start` ends (exclusive), strings respected */
function endOfObject(text: string, start: number): number | undefined {
  if (text.charAt(start) !== '{') return undefined;
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index++) {
    const character = text.charAt(index);
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}
