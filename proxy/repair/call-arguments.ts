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
 * @returns JSON texts of the objects: one, or several where calls were glued under one index (N-18); `mended` names
 *   the repair, null where none was needed
 */
export function settleArguments(fragments: readonly unknown[]): SettledArguments {
  const pieces = fragments.map((fragment) =>
    typeof fragment === 'string'
      ? fragment
      : fragment === undefined || fragment === null
        ? ''
        : JSON.stringify(fragment),
  );
  const plain = pieces.join('');
  if (plain.trim() === '') return { state: 'whole', objects: ['{}'], mended: null };
  if (parseObject(plain)) {
    const wasObject = fragments.some((fragment) => typeof fragment === 'object' && fragment !== null);
    return { state: 'whole', objects: [plain], mended: wasObject ? 'arguments-object' : null };
  }
  for (const [mended, attempt] of repairs) {
    const objects = attempt(plain, pieces);
    if (objects) return { state: 'whole', objects, mended };
  }
  return { state: 'broken', text: plain };
}

type ArgumentRepair = (plain: string, pieces: readonly string[]) => string[] | undefined;

const repairs: readonly (readonly [string, ArgumentRepair])[] = [
  ['arguments-null', (plain) => (/^\s*(null|""|\[\])\s*$/.test(plain) ? ['{}'] : undefined)],
  ['arguments-double-encoded', (plain) => wrap(decodeTwice(plain))],
  ['arguments-repeated', (_plain, pieces) => wrap(readCumulative(pieces))],
  ['arguments-bogus-flush', (_plain, pieces) => wrap(dropBogusFlush(pieces))],
  ['arguments-glued', (plain) => splitGlued(plain)],
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
 * A fragment that starts with all that came before it replaces it (N-16), and a closing fragment that holds the whole
 * object again is that object.
 */
function readCumulative(pieces: readonly string[]): string | undefined {
  let text = '';
  for (const piece of pieces) {
    const repeats = text !== '' && piece.length >= text.length && piece.startsWith(text);
    text = repeats ? piece : text + piece;
  }
  return parseObject(text) ? text : undefined;
}

/** `{"a":"hello"` and then `{}`: the flush took the brace's place; `{..}{}`: it came on top (N-17). */
function dropBogusFlush(pieces: readonly string[]): string | undefined {
  const kept = pieces.filter((piece) => piece.trim() !== '');
  if (kept.length < 2 && !/\{\s*\}\s*$/.test(kept[0] ?? '')) return undefined;
  const text = kept.join('').replace(/\{\s*\}\s*$/, '');
  if (text.length === kept.join('').length) return undefined;
  if (parseObject(text)) return text;
  const closed = `${text}}`;
  return parseObject(closed) ? closed : undefined;
}

/** `{..}{..}`: several whole objects one behind the other (N-18). The same object twice is one call. */
function splitGlued(plain: string): string[] | undefined {
  const objects: string[] = [];
  let start = 0;
  while (start < plain.length) {
    const end = endOfObject(plain, start);
    if (end === undefined) return undefined;
    const text = plain.slice(start, end).trim();
    if (!parseObject(text)) return undefined;
    if (!objects.includes(text)) objects.push(text);
    start = end;
    while (start < plain.length && /[\s,;]/.test(plain.charAt(start))) start += 1;
  }
  return objects.length > 0 ? objects : undefined;
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
