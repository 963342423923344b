import type { Emit, Part, TextPart } from '../part.ts';
import { cutLength, match, skipSpace } from './dialects/dialect.ts';
import type { Repair, RepairContext } from './repair.ts';
import { TextScanner } from './text-scanner.ts';

const openTag = '<think>';
const closeTag = '</think>';

/**
 * - start: nothing but white space came
 * - prefilled: the template opened the thinking, so that text is held until `</think>` tells what it was
 * - thinking: behind `<think>`
 * - rest: behind `</think>`, where white space falls away
 * - answer: the text has begun; a lone `</think>` may still come
 * - done: all passes
 */
type State = 'start' | 'prefilled' | 'thinking' | 'rest' | 'answer' | 'done';

/**
 * Makes reasoning of `<think>..</think>` at the start of an answer (failures.md T-4). Anywhere else the tags are a topic,
 * but for a lone `</think>`: it falls away, and what came before it is reasoning where it could be held.
 */
export class ThinkTags implements Repair {
  readonly #context: RepairContext;
  readonly #scanner = new TextScanner();
  #state: State = 'start';
  #held = '';
  /** The server has told reasoning apart by itself. */
  #hasReasoning = false;
  /** The thinking has begun with more than white space. */
  #hasThoughts = false;
  /** The character before the text at hand. */
  #previous = '';

  constructor(context: RepairContext) {
    this.#context = context;
  }

  write(part: Part, emit: Emit): void {
    if (part.type === 'text') {
      this.#writeText(part, emit);
      return;
    }
    if (part.type === 'reasoning') {
      this.#hasReasoning = true;
      if (this.#state === 'prefilled') this.#beginAnswer(this.#take(), emit);
    } else if (part.type === 'tool-call') this.#end(false, emit);
    else if (part.type === 'finish') this.#end(part.reason === 'length', emit);
    emit(part);
  }

  flush(emit: Emit): void {
    const held = this.#take();
    if (this.#state === 'thinking') this.#think(held, emit);
    else say(held, emit);
  }

  #writeText(part: TextPart, emit: Emit): void {
    const { text } = part;
    if (this.#state === 'done') emit(part);
    else if (this.#state === 'answer' && this.#held === '') {
      const at = this.#scanner.find(text, 0);
      if (at >= 0) this.#readAnswer(text, at, false, emit);
      else {
        this.#previous = text.charAt(text.length - 1);
        emit(part);
      }
    } else if (this.#state === 'prefilled' && !text.includes('>')) {
      // Looking into the whole text for each piece would join its pieces anew each time.
      this.#held += text;
    } else this.#read(this.#take() + text, emit);
  }

  #read(text: string, emit: Emit): void {
    if (this.#state === 'start') this.#readStart(text, emit);
    else if (this.#state === 'rest') this.#readRest(text, emit);
    else if (this.#state === 'thinking') this.#readThinking(text, emit);
    else if (this.#state === 'prefilled') this.#readPrefilled(text, emit);
    else this.#readAnswer(text, 0, false, emit);
  }

  #readStart(text: string, emit: Emit): void {
    const at = skipSpace(text, 0);
    const open = match(text, at, openTag);
    const close = match(text, at, closeTag);
    if (open === 'cut' || close === 'cut') this.#held = text;
    else if (open === 'yes') {
      this.#context.notes.add('think-tags', text, 'reasoning');
      this.#state = 'thinking';
      this.#readThinking(text.slice(at + openTag.length), emit);
    } else if (close === 'yes') {
      this.#context.notes.add('think-tags', text);
      this.#state = 'rest';
      this.#readRest(text.slice(at + closeTag.length), emit);
    } else if (this.#context.thinkingPrefilled && !this.#hasReasoning) {
      this.#state = 'prefilled';
      this.#readPrefilled(text, emit);
    } else this.#beginAnswer(text, emit);
  }

  #readRest(text: string, emit: Emit): void {
    const at = skipSpace(text, 0);
    const open = match(text, at, openTag);
    if (open === 'cut') this.#held = text.slice(at);
    else if (open === 'yes') {
      this.#state = 'thinking';
      this.#readThinking(text.slice(at + openTag.length), emit);
    } else {
      this.#state = 'done';
      say(text.slice(at), emit);
    }
  }

  #readThinking(text: string, emit: Emit): void {
    const close = text.indexOf(closeTag);
    const stop = close < 0 ? text.length - cutLength(text, closeTag) : close;
    this.#think(text.slice(0, stop), emit);
    if (close < 0) this.#held = text.slice(stop);
    else {
      this.#state = 'rest';
      this.#hasThoughts = false;
      this.#readRest(text.slice(close + closeTag.length), emit);
    }
  }

  #readPrefilled(text: string, emit: Emit): void {
    const close = text.indexOf(closeTag);
    if (close < 0) this.#held = text;
    else {
      this.#context.notes.add('think-tags', text, 'reasoning');
      this.#think(text.slice(0, close), emit);
      this.#state = 'rest';
      this.#hasThoughts = false;
      this.#readRest(text.slice(close + closeTag.length), emit);
    }
  }

  #beginAnswer(text: string, emit: Emit): void {
    this.#state = 'answer';
    this.#readAnswer(text, 0, false, emit);
  }

  /** @param scanned how much of the text the scanner has read already */
  #readAnswer(text: string, scanned: number, isEnd: boolean, emit: Emit): void {
    for (let at = this.#scanner.find(text, scanned); at >= 0; at = this.#scanner.find(text, at)) {
      if (!this.#scanner.isQuoted) {
        const open = match(text, at, openTag);
        const close = match(text, at, closeTag);
        const end = at + closeTag.length;
        if (!isEnd && (open === 'cut' || close === 'cut' || (close === 'yes' && end >= text.length))) {
          this.#pass(text.slice(0, at), emit);
          this.#held = text.slice(at);
          return;
        }
        if (open === 'yes') {
          this.#state = 'done';
          break;
        }
        if (close === 'yes' && isLoneTag(at > 0 ? text.charAt(at - 1) : this.#previous, text.charAt(end))) {
          this.#context.notes.add('think-tags', text.slice(at));
          this.#state = 'done';
          say(text.slice(0, at) + text.slice(end), emit);
          return;
        }
      }
      this.#scanner.skip(text, at, at + 1);
      at += 1;
    }
    this.#pass(text, emit);
  }

  #pass(text: string, emit: Emit): void {
    if (text !== '') this.#previous = text.charAt(text.length - 1);
    say(text, emit);
  }

  #think(text: string, emit: Emit): void {
    const thoughts = this.#hasThoughts ? text : text.trimStart();
    if (thoughts === '') return;
    this.#hasThoughts = true;
    emit({ type: 'reasoning', text: thoughts });
  }

  #end(isCut: boolean, emit: Emit): void {
    const held = this.#take();
    if (held === '') return;
    // Thinking that was cut before its end is no answer (R16).
    if (this.#state === 'thinking' || (this.#state === 'prefilled' && isCut)) this.#think(held, emit);
    else if (this.#state === 'answer') this.#readAnswer(held, 0, true, emit);
    else say(held, emit);
    if (this.#state === 'prefilled') this.#state = 'done';
  }

  #take(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}

function say(text: string, emit: Emit): void {
  if (text !== '') emit({ type: 'text', text });
}

/**
 * Tells the tag that ended unseen thinking from one that prose speaks of: it stands on its own line or is glued to what
 * the model thought last; in prose a blank or a bracket stands before it, or a blank or a comma behind.
 * @param before the character before the tag, '' at the start
 * @param after the character behind it, '' at the answer's end
 */
function isLoneTag(before: string, after: string): boolean {
  if (/[ \t([{]/.test(before)) return false;
  if (/[ \t]/.test(after)) return /[.!?…]/.test(before);
  return !/[.,;:!?)\]}'"»”`]/.test(after);
}
