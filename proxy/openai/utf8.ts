import { StringDecoder } from 'node:string_decoder';

/**
 * Decodes UTF-8 whose characters may be cut between reads, and drops a leading byte order mark. Node's StringDecoder does
 * so at a fraction of TextDecoder's cost in stream mode, which counts with a read a token.
 */
export class Utf8Reader {
  readonly #decoder = new StringDecoder('utf8');
  #started = false;

  /** @returns the characters that are whole by now */
  read(bytes: Uint8Array): string {
    return this.#strip(this.#decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)));
  }

  /** @returns what is left, a cut character as a replacement character */
  end(): string {
    return this.#strip(this.#decoder.end());
  }

  #strip(text: string): string {
    if (this.#started || text === '') return text;
    this.#started = true;
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }
}
