import { StrelkaError } from '../errors.ts';
import type { Emit, FinishReason, Part, TextPart, ToolCallPart } from '../part.ts';
import { mendArgumentTypes } from './argument-types.ts';
import { cutLength, type ReadCall, type Reading, skipSpace } from './dialects/dialect.ts';
import { HeldText } from './held-text.ts';
import type { RecoveredCalls } from './recovered-calls.ts';
import type { Repair, RepairContext } from './repair.ts';
import { findRepetition } from './repetition-loop.ts';
import { findMessageEnd, mayOpen, readOpener, readStart } from './text-openers.ts';
import { TextScanner } from './text-scanner.ts';

/** Held text is looked at for a repetition loop each 4096 characters. */
const loopCheckBits = 12;

/** Where the next text stands: blanks around a call are trimmed, and some dialects show themselves only at the start. */
type Place = 'start' | 'inside' | 'behind-call';

/**
 * Finds tool calls that a model or a server left in the text, and harmony's channels (failures.md 2). Text is held back
 * from a possible opener on, until its dialect says what it is; all other text passes in the same tick, as it came.
 */
export class TextToolCalls implements Repair {
  readonly #context: RepairContext;
  readonly #recovered: RecoveredCalls;
  readonly #held = new HeldText();
  #scanner = new TextScanner();
  /** Parts behind the held text. */
  #queue: Part[] = [];
  #place: Place = 'start';
  /** White space at the answer's start: it is said only with the first word. */
  #space = '';
  /** The first word was looked at. */
  #hasBegun = false;
  /** Openers count for nothing before this has passed. */
  #until: string | undefined;
  #inHarmony = false;
  #isThinking = false;
  #hasNativeCalls = false;

  /** @param recovered is told of each call that was read */
  constructor(context: RepairContext, recovered: RecoveredCalls) {
    this.#context = context;
    this.#recovered = recovered;
  }

  write(part: Part, emit: Emit): void {
    if (part.type === 'text') {
      this.#writeText(part, emit);
      return;
    }
    if (part.type === 'tool-call') this.#hasNativeCalls = true;
    if (part.type === 'finish') this.#settle(part.reason, emit);
    if (this.#held.isEmpty) emit(part);
    else this.#queue.push(part);
  }

  flush(emit: Emit): void {
    const text = this.#space + this.#held.take();
    if (text !== '') emit({ type: 'text', text });
    this.#space = '';
    this.#release(emit);
  }

  #writeText(part: TextPart, emit: Emit): void {
    if (this.#held.isEmpty) {
      const isPlain = this.#place === 'inside' && this.#until === undefined && !this.#isThinking;
      const scanned = isPlain ? this.#scanner.find(part.text, 0) : 0;
      if (scanned < 0) emit(part);
      else {
        this.#held.restart();
        this.#drain(part.text, scanned, undefined, emit);
      }
      return;
    }
    const isDue = this.#held.add(part.text);
    const length = this.#held.text.length;
    if (length >> loopCheckBits !== (length - part.text.length) >> loopCheckBits) this.#breakLoop();
    if (!isDue) return;
    this.#drain(this.#held.take(), 0, undefined, emit);
    if (this.#held.isEmpty) this.#release(emit);
  }

  #settle(ending: FinishReason, emit: Emit): void {
    this.#drain(this.#held.take(), 0, ending, emit);
    const hasCalls = this.#hasNativeCalls || this.#recovered.any;
    if (this.#space !== '' && !hasCalls) emit({ type: 'text', text: this.#space });
    this.#space = '';
    this.#release(emit);
  }

  #release(emit: Emit): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const part of queue) emit(part);
  }

  /**
   * @param text what is to be read
   * @param scanned how much of it the scanner has read already
   */
  #drain(text: string, scanned: number, ending: FinishReason | undefined, emit: Emit): void {
    let said = 0;
    let at = scanned;
    while (at < text.length) {
      if (this.#isThinking) {
        at = said = this.#think(text, at, ending, emit);
        continue;
      }
      if (this.#until !== undefined) {
        const stop = this.#pass(text, at, this.#until, ending);
        if (this.#until !== undefined) {
          this.#hold(text, said, stop, this.#until, emit);
          return;
        }
        at = stop;
        continue;
      }
      const start = this.#findStart(text, at, ending);
      const place = start?.place ?? this.#findOpener(text, at);
      if (place < 0) break;
      const reading = start?.reading ?? this.#readAt(text, said, place, ending);
      if (reading.kind === 'more') {
        this.#hold(text, said, place, reading.awaits, emit);
        return;
      }
      at = Math.min(text.length, place + Math.max(1, reading.length));
      if (reading.kind === 'text' || this.#isQuotation(reading, text.slice(place, at))) {
        this.#scanner.skip(text, place, at);
        if (reading.kind === 'text') this.#until = reading.until;
        continue;
      }
      this.#say(text.slice(said, place), emit);
      this.#accept(reading, text.slice(place, at), emit);
      said = at;
    }
    this.#say(text.slice(said), emit);
  }

  /** The answer's first word may itself be an opener. */
  #findStart(
    text: string,
    from: number,
    ending: FinishReason | undefined,
  ): { place: number; reading: Reading } | undefined {
    if (this.#hasBegun) return undefined;
    const place = skipSpace(text, from);
    if (place >= text.length) return undefined;
    const reading = readStart(place === 0 ? text : text.slice(place), this.#context.tools, ending);
    if (reading?.kind !== 'more') this.#hasBegun = true;
    if (reading === undefined) return undefined;
    this.#scanner.skip(text, from, place);
    return { place, reading };
  }

  /** @returns where the next `<` stands that may open something, or -1 with all of the text scanned */
  #findOpener(text: string, from: number): number {
    for (let at = this.#scanner.find(text, from); at >= 0; at = this.#scanner.find(text, at)) {
      const isCode = this.#scanner.isQuoted && !(this.#inHarmony && text.startsWith('<|', at));
      if (!isCode && mayOpen(text, at)) return at;
      this.#scanner.skip(text, at, at + 1);
      at += 1;
    }
    return -1;
  }

  #readAt(text: string, said: number, place: number, ending: FinishReason | undefined): Reading {
    const isBare = this.#place !== 'inside' && skipSpace(text, said) >= place;
    return readOpener(place === 0 ? text : text.slice(place), {
      tools: this.#context.tools,
      ending,
      hasCalls: this.#hasNativeCalls || this.#recovered.any,
      isBehindCall: isBare && this.#place === 'behind-call',
      isStart: isBare && this.#place === 'start',
      inHarmony: this.#inHarmony,
    });
  }

  #hold(text: string, said: number, place: number, awaits: string | undefined, emit: Emit): void {
    this.#say(text.slice(said, place), emit);
    this.#held.put(text.slice(place), awaits);
  }

  /** A call that the user or a tool wrote so is quoted, not meant (issue 3, "user-quoted text"). */
  #isQuotation(reading: Reading, raw: string): boolean {
    return reading.kind === 'calls' && this.#context.quotable().includes(raw.trim());
  }

  #accept(reading: Reading, raw: string, emit: Emit): void {
    this.#place = 'behind-call';
    if (reading.kind === 'calls') {
      for (const call of reading.calls) emit(this.#makePart(call));
      const names = reading.calls.map(({ name, input }) => `${name} ${JSON.stringify(input)}`);
      this.#context.notes.add(reading.repair, raw, names.join('; '));
      if (reading.repair === 'harmony') this.#inHarmony = true;
    } else if (reading.kind === 'channel') {
      if (!this.#inHarmony) this.#context.notes.add('harmony', raw, reading.channel);
      this.#inHarmony = true;
      this.#isThinking = reading.channel === 'reasoning';
      this.#scanner = new TextScanner();
    } else if (!this.#inHarmony) this.#context.notes.add('orphan-tags', raw);
  }

  #makePart({ name, input }: ReadCall): ToolCallPart {
    const { tools, notes } = this.#context;
    const text = mendArgumentTypes(JSON.stringify(input), tools.get(name), notes, true);
    const part: ToolCallPart = { type: 'tool-call', id: '', name, arguments: text };
    this.#recovered.add(part);
    return part;
  }

  /** Reads thinking up to the token that ends it. @returns where to read on */
  #think(text: string, from: number, ending: FinishReason | undefined, emit: Emit): number {
    const end = findMessageEnd(text, from, ending);
    if (end.start > from) emit({ type: 'reasoning', text: text.slice(from, end.start) });
    if (end.isWhole) this.#isThinking = false;
    else this.#held.put(text.slice(end.start));
    return end.isWhole ? end.end : text.length;
  }

  /** Passes over a call that can't be taken, up to what ends it. @returns where to read on, or what to hold back from */
  #pass(text: string, from: number, until: string, ending: FinishReason | undefined): number {
    const found = text.indexOf(until, from);
    const cut = ending === undefined ? cutLength(text, until) : 0;
    const stop = found < 0 ? Math.max(from, text.length - cut) : found + until.length;
    this.#scanner.skip(text, from, stop);
    if (found >= 0 || ending !== undefined) this.#until = undefined;
    return stop;
  }

  #say(text: string, emit: Emit): void {
    if (text === '') return;
    const words = this.#place === 'inside' ? text : text.trimStart();
    if (words === '') {
      if (this.#place === 'start') this.#space += text;
      return;
    }
    emit({ type: 'text', text: this.#place === 'start' ? this.#space + text : words });
    this.#space = '';
    this.#place = 'inside';
  }

  /** A call whose arguments never end would be held until the model's last token. */
  #breakLoop(): void {
    const text = this.#held.text;
    const loop = findRepetition(text);
    if (!loop) return;
    this.#held.take();
    this.#queue = [];
    this.#context.notes.add('repetition-loop', text, loop.unit);
    throw new StrelkaError(
      'tool-call-broken',
      'The model fell into a repetition while it wrote the arguments of a tool call. Nothing was run; try again.',
      { cause: text.slice(0, 200) },
    );
  }
}
