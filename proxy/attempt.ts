import { StrelkaError } from './errors.ts';
import type { FinishPart, Part, Usage } from './part.ts';
import { type AssembleOptions, Assembler } from './repair/assemble.ts';
import { ParallelCalls } from './repair/parallel-calls.ts';
import { makeTextRepairs, runRepairs } from './repair/repairs.ts';
import type { RawAnswer } from './upstream/upstream.ts';

export interface AttemptOptions extends AssembleOptions {
  /** The client takes one tool call an answer. */
  oneCallOnly: boolean;
}

/** What a whole answer amounts to. */
export type Verdict = 'sound' | 'empty' | 'reasoning-only';

/**
 * The answer of one attempt, read from raw chunks to mended parts. Everything that one read brings is worked through
 * in one go, so that it can leave in one write.
 */
export class AttemptStream {
  /** Set when the answer has ended soundly. */
  finish: FinishPart | undefined;
  usage: Usage | undefined;
  /** The upstream has sent something of its answer. */
  active = false;
  #hasText = false;
  #hasCalls = false;
  #hasReasoning = false;
  #failure: unknown;
  #batch: Part[] = [];
  readonly #raw: RawAnswer;
  readonly #iterator: AsyncIterator<unknown[]>;
  readonly #assembler: Assembler;
  readonly #pipe: { write(part: Part): void; flush(): void };
  readonly #emitRaw = (part: Part): void => this.#pipe.write(part);

  constructor(raw: RawAnswer, options: AttemptOptions) {
    this.#raw = raw;
    this.#iterator = raw.chunks[Symbol.asyncIterator]();
    this.#assembler = new Assembler(options);
    const repairs = makeTextRepairs(options);
    if (options.oneCallOnly) repairs.push(new ParallelCalls(options.notes));
    this.#pipe = runRepairs(repairs, (part) => this.#collect(part));
  }

  /**
   * @returns the parts of the next read, without usage and finish; undefined when the answer has ended soundly
   * @throws StrelkaError where it broke; what was held back until then has been returned before
   */
  async next(): Promise<Part[] | undefined> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.finish) return undefined;
    try {
      const { done, value } = await this.#iterator.next();
      if (done) this.#end();
      else {
        this.active = true;
        for (const chunk of value) this.#assembler.write(chunk, this.#emitRaw);
        if (this.#raw.done) this.#end();
        else if (this.#assembler.finished) this.#raw.expectEnd();
      }
    } catch (cause) {
      this.#raw.cancel();
      this.#pipe.flush();
      this.#failure = cause;
      if (this.#batch.length === 0) throw cause;
    }
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  get verdict(): Verdict {
    if (this.#hasText || this.#hasCalls) return 'sound';
    const reason = this.finish?.reason;
    // A stop sequence may come as the first word.
    if (this.finish?.stopSequence !== undefined) return 'sound';
    if (reason === 'length' || reason === 'context-window' || reason === 'content-filter') return 'sound';
    return this.#hasReasoning ? 'reasoning-only' : 'empty';
  }

  /** The rest is not wanted: ends the upstream's request. */
  cancel(): void {
    this.#raw.cancel();
  }

  #end(): void {
    this.#assembler.end(this.#raw.done, this.#emitRaw);
  }

  #collect(part: Part): void {
    switch (part.type) {
      case 'usage':
        this.usage = part.usage;
        return;
      case 'finish':
        this.finish = part;
        return;
      case 'tool-call':
        // A lost piece may have stood in its arguments: they parse, and a file is written with a hole (failures.md S-9).
        if (this.#assembler.damaged)
          throw new StrelkaError(
            'stream-broken',
            'A piece of the answer arrived broken, so its tool call can not be trusted. Nothing was run; try again.',
          );
        this.#hasCalls = true;
        break;
      case 'text':
        this.#hasText ||= part.text.trim() !== '';
        break;
      case 'reasoning':
        this.#hasReasoning ||= part.text.trim() !== '';
        break;
    }
    const last = this.#batch.at(-1);
    // Words of one read leave as one delta: fewer events for the client to parse, and no later.
    if (last && last.type === part.type && (part.type === 'text' || part.type === 'reasoning')) {
      this.#batch[this.#batch.length - 1] = { type: part.type, text: (last as typeof part).text + part.text };
    } else this.#batch.push(part);
  }
}
