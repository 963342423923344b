import type { Part, Usage } from '../part.ts';
import { OverlapCutter } from './overlap.ts';

/** Rough, for what no upstream reports. */
const charactersAToken = 4;
/** A sentence's end, with what may close behind it, or a code block's. A colon promises something more. */
const ending = /(?:[.!?\u2026\u3002\uff01\uff1f]["')\]}*_~`\u00bb\u201d]*|```)\s*$/u;

/** What the client has of the answer already: what a target that takes over goes on from. */
export class Told {
  text = '';
  calls = 0;

  /** @param parts that go to the client now */
  note(parts: readonly Part[]): void {
    for (const part of parts) {
      if (part.type === 'text') this.text += part.text;
      else if (part.type === 'tool-call') this.calls += 1;
    }
  }

  /** Text or a call has gone out: nothing can be taken back. */
  get spoken(): boolean {
    return this.calls > 0 || this.text.trim() !== '';
  }

  /** The text may be all there was to say: a model that is asked to go on with it and adds nothing has said so. */
  get seemsWhole(): boolean {
    return ending.test(this.text);
  }

  /** @returns a stage that joins another target's continuation to it */
  join(): Joint {
    return new Joint(this.text);
  }
}

/** Makes one answer of what was told and its continuation. */
export class Joint {
  readonly #cutter: OverlapCutter;
  readonly #told: number;

  constructor(told: string) {
    this.#cutter = new OverlapCutter(told);
    this.#told = told.length;
  }

  /** @returns the parts without repeated text; thinking about the continuation is not part of the answer */
  cut(parts: readonly Part[]): Part[] {
    const kept: Part[] = [];
    for (const part of parts) {
      if (part.type === 'text') {
        const text = this.#cutter.write(part.text);
        if (text !== '') kept.push({ type: 'text', text });
      } else if (part.type === 'tool-call') kept.push(...this.end(), part);
    }
    return kept;
  }

  /** @returns held text, when the continuation has ended */
  end(): Part[] {
    const text = this.#cutter.end();
    return text === '' ? [] : [{ type: 'text', text }];
  }

  /** @returns the usage of the whole answer: the first part's is not known, but it was written */
  whole(usage: Usage): Usage {
    return { ...usage, outputTokens: usage.outputTokens + Math.ceil(this.#told / charactersAToken) };
  }
}
