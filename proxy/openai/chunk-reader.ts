import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { StrelkaError } from '../errors.ts';

/** A body that is neither a stream nor one JSON answer is kept up to this many characters for the error message. */
const strayBodyLimit = 64 * 1024;

type BodyForm = 'unknown' | 'events' | 'json' | 'stray';

export interface ChunkReaderOptions {
  /** Called with the data of a frame that is no JSON and no keep-alive. */
  onBrokenFrame(data: string): void;
}

/**
 * Reads the bytes of a chat completions answer into JSON values, whatever their cut: Server-Sent Events (the `[DONE]`
 * mark is swallowed and told by `done`), or one JSON object where a server answers a streamed request unstreamed
 * (failures.md S-1 to S-10). Form is told by the first character and not by the content type, which gateways get wrong.
 */
export class ChunkReader {
  /** `[DONE]` has come; whatever follows is ignored. */
  done = false;
  readonly #decoder = new TextDecoder();
  readonly #options: ChunkReaderOptions;
  #form: BodyForm = 'unknown';
  #held = '';
  #values: unknown[] = [];
  readonly #parser = createParser({ onEvent: (event) => this.#readEvent(event) });

  constructor(options: ChunkReaderOptions) {
    this.#options = options;
  }

  /**
   * @param bytes one read from the socket
   * @returns the JSON values that became whole with it, in order
   */
  push(bytes: Uint8Array): unknown[] {
    this.#feed(this.#decoder.decode(bytes, { stream: true }));
    return this.#take();
  }

  /**
   * The body ended.
   * @returns the values that only the end made whole
   * @throws StrelkaError 'answer-unreadable' for a body that is no chat completions answer at all
   */
  end(): unknown[] {
    this.#feed(this.#decoder.decode());
    // A last frame without its blank line is still a frame (S-5).
    if (this.#form === 'events') this.#parser.feed('\n\n');
    if (this.#form === 'json') this.#values.push(parseWhole(this.#held));
    if (this.#form === 'stray') throw unreadable(this.#held);
    return this.#take();
  }

  #take(): unknown[] {
    const values = this.#values;
    this.#values = [];
    return values;
  }

  #feed(text: string): void {
    if (this.done || text === '') return;
    if (this.#form === 'events') {
      this.#parser.feed(text);
      return;
    }
    this.#held += text;
    if (this.#form === 'unknown') this.#form = formOf(this.#held);
    if (this.#form === 'events') {
      this.#parser.feed(this.#held);
      this.#held = '';
    } else if (this.#form === 'stray') this.#held = this.#held.slice(0, strayBodyLimit);
  }

  #readEvent(event: EventSourceMessage): void {
    if (this.done) return;
    if (this.#readData(event.data, event.event)) return;
    // Servers that end frames with one newline only: the lines arrive as one event.
    if (event.data.includes('\n')) {
      for (const line of event.data.split('\n')) if (!this.#readData(line, event.event)) this.#reportBroken(line);
    } else this.#reportBroken(event.data);
  }

  #readData(data: string, event: string | undefined): boolean {
    if (this.done) return true;
    if (data === '[DONE]' || data.trim() === '[DONE]') {
      this.done = true;
      return true;
    }
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return false;
    }
    this.#values.push(event === 'error' && !holdsError(value) ? { error: value } : value);
    return true;
  }

  /** Keep-alives written as data (": keepalive", S-4) are no JSON either, but nothing is lost with them. */
  #reportBroken(data: string): void {
    if (/^\s*[{[]/.test(data)) this.#options.onBrokenFrame(data);
  }
}

function holdsError(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'error' in value;
}

function formOf(start: string): BodyForm {
  const first = start.trimStart();
  if (first === '') return 'unknown';
  if (first.startsWith('{') || first.startsWith('[')) return 'json';
  // Fields of the SSE format, or a comment. A few characters suffice; more may be needed to tell "data" from prose.
  const fields = ['data:', 'event:', 'id:', 'retry:', ':'];
  if (fields.some((field) => first.startsWith(field))) return 'events';
  if (fields.some((field) => field.startsWith(first))) return 'unknown';
  return 'stray';
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
