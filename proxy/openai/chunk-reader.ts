import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { StrelkaError } from '../errors.ts';
import { BrokenFrame } from './chunk.ts';
import { Utf8Reader } from './utf8.ts';

/** The start of a body that holds no answer is kept up to this many characters for the error message. */
const headLimit = 64 * 1024;

type BodyForm = 'unknown' | 'events' | 'json' | 'page';

/**
 * Reads the bytes of a chat completions answer into JSON values, whatever their cut: Server-Sent Events (the `[DONE]`
 * mark is swallowed and told by `done`), or one JSON object where a server answers a streamed request unstreamed
 * (failures.md S-1 to S-10). Form is told by the first character and not by the content type, which gateways get wrong.
 */
export class ChunkReader {
  /** The answer is whole: `[DONE]` has come, whatever follows is ignored; or the body was one JSON value. */
  done = false;
  readonly #decoder = new Utf8Reader();
  #form: BodyForm = 'unknown';
  /** The body of a form that is read at its end, or the start of a stream that has brought no frame yet. */
  #held = '';
  #hasFrames = false;
  #values: unknown[] = [];
  readonly #parser = createParser({ onEvent: (event) => this.#readEvent(event) });

  /**
   * @param bytes one read from the socket
   * @returns the JSON values that became whole with it, in order; a `BrokenFrame` in place of one that can't be read
   */
  push(bytes: Uint8Array): unknown[] {
    this.#feed(this.#decoder.read(bytes));
    return this.#take();
  }

  /**
   * The body ended.
   * @returns the values that only the end made whole
   * @throws StrelkaError 'answer-unreadable' for a body that is no chat completions answer at all
   */
  end(): unknown[] {
    this.#feed(this.#decoder.end());
    if (this.#form === 'events') {
      // A last frame without its blank line is still a frame (S-5).
      this.#parser.feed('\n\n');
      if (!this.#hasFrames && !looksLikeEvents(this.#held)) throw unreadable(this.#held);
    }
    if (this.#form === 'page') throw unreadable(this.#held);
    if (this.#form === 'json') {
      this.#values.push(parseWhole(this.#held));
      this.done = true;
    }
    return this.#take();
  }

  #take(): unknown[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  #feed(text: string): void {
    if (this.done || text === '') return;
    if (this.#form === 'unknown') {
      this.#held += text;
      this.#form = formOf(this.#held);
      if (this.#form === 'events') this.#parser.feed(this.#held);
    } else if (this.#form === 'json') this.#held += text;
    else {
      if (!this.#hasFrames && this.#held.length < headLimit) this.#held += text;
      if (this.#form === 'events') this.#parser.feed(text);
    }
  }

  #readEvent(event: EventSourceMessage): void {
    if (this.done) return;
    this.#hasFrames = true;
    this.#held = '';
    const { data } = event;
    if (data === '[DONE]' || data.trim() === '[DONE]') {
      this.done = true;
      return;
    }
    const isError = event.event === 'error';
    const value = parse(data);
    if (value !== undefined) this.#values.push(isError && !holdsError(value) ? { error: value } : value);
    else if (isError) this.#values.push({ error: { message: data } });
    else if (data.includes('\n')) this.#readLines(data);
    else this.#reportBroken(data);
  }

  /** Several lines in one event: frames that a server ends with one newline only, or one value cut over lines (S-3). */
  #readLines(data: string): void {
    const lines = data.split('\n');
    const joined = parse(lines.join(''));
    if (joined !== undefined) {
      this.#values.push(joined);
      return;
    }
    for (const line of lines) if (line !== '') this.#readEvent({ id: undefined, event: undefined, data: line });
  }

  /** Keep-alives written as data (": keepalive", S-4) are no JSON either, but nothing is lost with them. */
  #reportBroken(data: string): void {
    if (/^\s*[{[]|"(?:choices|delta)"/.test(data)) this.#values.push(new BrokenFrame(data.slice(0, 200)));
  }
}

function holdsError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'error' in value;
}

function formOf(start: string): BodyForm {
  const first = start.trimStart().charAt(0);
  if (first === '') return 'unknown';
  if (first === '{' || first === '[') return 'json';
  return first === '<' ? 'page' : 'events';
}

/** A stream of which only keep-alives came is no stray text: a line of it begins like one of the format. */
function looksLikeEvents(text: string): boolean {
  return /^(?:data|event|id|retry)?:/m.test(text);
}

/** @returns the value, or undefined where the text is no JSON (which has no undefined) */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseWhole(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StrelkaError(
      'answer-unreadable',
      'The upstream sent half a JSON answer and ended. Try again; if it stays so, check the upstream address.',
      { cause },
    );
  }
}

function unreadable(text: string): StrelkaError {
  const title = /<title>([^<]{1,200})<\/title>/i.exec(text)?.[1]?.trim();
  const what = /^\s*</.test(text) ? `a web page${title ? ` ("${title}")` : ''}` : 'something that is no chat answer';
  return new StrelkaError(
    'answer-unreadable',
    `The upstream answered with ${what} where a model's answer belongs. Check the upstream address (OPENAI_BASE_URL).`,
  );
}
