import { match, skipSpace, startsName, type Tools } from './dialect.ts';

export const startToken = '<|start|>';
export const channelToken = '<|channel|>';
const constrainToken = '<|constrain|>';
const messageToken = '<|message|>';

export interface Header {
  channel: string;
  /** The declared tool that the message goes to; undefined for the user. */
  recipient: string | undefined;
  /** Where the message's body begins. */
  end: number;
}

/**
 * Reads a harmony header: `<|start|>assistant<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>`, with
 * all but the channel and the message token optional, and `to=` before the channel too (failures.md 2, "variants").
 * Servers that drop special tokens leave `commentary to=functions.NAME json{..}` (G07): that is believed only where the
 * text begins with it.
 * @returns 'cut' where the text ends inside a header, undefined where it is none or names an undeclared recipient
 */
export function readHeader(text: string, from: number, tools: Tools): Header | 'cut' | undefined {
  const cursor = new Cursor(text, from);
  const started = cursor.take(startToken) !== undefined;
  if (started && cursor.take('assistant') === undefined) return cursor.failure;
  let recipient = cursor.takeRecipient(tools);
  const hasToken = cursor.take(channelToken) !== undefined;
  const isBare = !hasToken && !started && recipient === undefined && from === 0;
  if (!hasToken && !isBare) return cursor.failure;
  const channel = cursor.take('analysis', 'commentary', 'final');
  if (channel === undefined) return cursor.failure;
  recipient ??= cursor.takeRecipient(tools);
  if (isBare && recipient === undefined) return cursor.failure;
  cursor.take(constrainToken);
  cursor.take('json', 'code');
  const hasBody = cursor.take(messageToken) !== undefined || (isBare && text.charAt(cursor.at) === '{');
  return hasBody && !cursor.isRefused ? { channel, recipient, end: cursor.at } : cursor.failure;
}

class Cursor {
  at: number;
  /** An undeclared recipient: whatever follows, this is no call. */
  isRefused = false;
  #isCut = false;
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  get failure(): 'cut' | undefined {
    return this.#isCut && !this.isRefused ? 'cut' : undefined;
  }

  /** Takes one of the words, white space before it passed over. @returns the word that stood there */
  take(...words: string[]): string | undefined {
    this.at = skipSpace(this.#text, this.at);
    for (const word of words) {
      const found = match(this.#text, this.at, word);
      if (found === 'cut') this.#isCut = true;
      if (found !== 'yes') continue;
      this.at += word.length;
      return word;
    }
    return undefined;
  }

  /** Takes `to=functions.NAME`. @returns the declared name */
  takeRecipient(tools: Tools): string | undefined {
    if (this.take('to=') === undefined) return undefined;
    const rest = this.#text.slice(this.at);
    const stop = rest.search(/[\s<{]/);
    const written = stop < 0 ? rest : rest.slice(0, stop);
    const name = written.replace(/^functions\./, '');
    if (stop < 0 && (startsName(name, tools.keys()) || 'functions.'.startsWith(written))) this.#isCut = true;
    else if (stop < 0 || !tools.has(name)) this.isRefused = true;
    this.at += written.length;
    return name;
  }
}
