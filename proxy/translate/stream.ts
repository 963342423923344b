import type { BlockDelta, ContentBlock, MessageEvent, MessageUsage } from '../anthropic/events.ts';
import type { FinishPart, Part, Usage } from '../part.ts';
import { CallIds } from './call-ids.ts';
import { stopReasonOf } from './stop-reason.ts';

export interface MessageWriterOptions {
  id: string;
  /** The model that the client asked for. */
  model: string;
  /** The client asked for thinking; else reasoning is not passed on. */
  showThinking: boolean;
  /** For message_start: the context meter reads it there (protocol.md 1.9, rule 7). */
  estimatedInputTokens: number;
}

/** Not a real signature, but not empty: the SDK's types want one, and it comes back with the history (rule 8). */
const syntheticSignature = 'c3RyZWxrYQ==';

/** Rough: for an answer whose upstream reports no usage. */
const charactersAToken = 4;

/**
 * Writes parts as the events of one message, after the rules of protocol.md 1.9: blocks in sequence, one open at a
 * time, deltas only to an open block of their kind, a text block only from the first visible character on (N-21).
 */
export class MessageWriter {
  readonly #options: MessageWriterOptions;
  readonly #ids = new CallIds('toolu_');
  #index = -1;
  #open: 'text' | 'thinking' | undefined;
  /** White space that waits for a visible character. */
  #blank = '';
  #toolUses = 0;
  #characters = 0;
  #usage: Usage | undefined;

  constructor(options: MessageWriterOptions) {
    this.#options = options;
  }

  /** The first event of the stream. */
  start(): MessageEvent {
    const { id, model } = this.#options;
    return {
      type: 'message_start',
      message: {
        id,
        type: 'message',
        role: 'assistant',
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: usageOf(this.#options.estimatedInputTokens, 0, 0),
      },
    };
  }

  /** @param events receives the events of this part, in order */
  write(part: Part, events: MessageEvent[]): void {
    switch (part.type) {
      case 'text':
        this.#writeText(part.text, events);
        return;
      case 'reasoning':
        this.#characters += part.text.length;
        if (this.#options.showThinking) this.#writeThinking(part.text, events);
        return;
      case 'tool-call':
        this.#writeCall(part.id, part.name, part.arguments, events);
        return;
      case 'usage':
        this.#usage = part.usage;
        return;
      case 'finish':
        this.#finish(part, events);
        return;
    }
  }

  #writeText(text: string, events: MessageEvent[]): void {
    this.#characters += text.length;
    if (this.#open !== 'text') {
      this.#blank += text;
      if (this.#blank.trim() === '') return;
      const visible = this.#blank;
      this.#start('text', { type: 'text', text: '' }, events);
      this.#delta({ type: 'text_delta', text: visible }, events);
    } else this.#delta({ type: 'text_delta', text }, events);
  }

  #writeThinking(text: string, events: MessageEvent[]): void {
    if (this.#open !== 'thinking') {
      if (text.trim() === '') return;
      this.#start('thinking', { type: 'thinking', thinking: '', signature: '' }, events);
    }
    this.#delta({ type: 'thinking_delta', thinking: text }, events);
  }

  #writeCall(upstreamId: string, name: string, argumentsJson: string, events: MessageEvent[]): void {
    this.#characters += argumentsJson.length;
    this.#toolUses += 1;
    const id = this.#ids.give(upstreamId);
    this.#start(undefined, { type: 'tool_use', id, name, input: {} }, events);
    this.#delta({ type: 'input_json_delta', partial_json: argumentsJson }, events);
    events.push({ type: 'content_block_stop', index: this.#index });
  }

  #finish(part: FinishPart, events: MessageEvent[]): void {
    this.#stop(events);
    const stop_reason = stopReasonOf(part, this.#toolUses);
    const stop_sequence = stop_reason === 'stop_sequence' ? (part.stopSequence ?? null) : null;
    events.push({ type: 'message_delta', delta: { stop_reason, stop_sequence }, usage: this.#finalUsage() });
    events.push({ type: 'message_stop' });
  }

  #finalUsage(): MessageUsage {
    if (!this.#usage)
      return usageOf(this.#options.estimatedInputTokens, 0, Math.ceil(this.#characters / charactersAToken));
    return usageOf(this.#usage.inputTokens, this.#usage.cachedInputTokens, this.#usage.outputTokens);
  }

  #start(open: 'text' | 'thinking' | undefined, block: ContentBlock, events: MessageEvent[]): void {
    this.#stop(events);
    this.#index += 1;
    this.#open = open;
    events.push({ type: 'content_block_start', index: this.#index, content_block: block });
  }

  #delta(delta: BlockDelta, events: MessageEvent[]): void {
    events.push({ type: 'content_block_delta', index: this.#index, delta });
  }

  #stop(events: MessageEvent[]): void {
    this.#blank = '';
    if (this.#open === undefined) return;
    if (this.#open === 'thinking') this.#delta({ type: 'signature_delta', signature: syntheticSignature }, events);
    events.push({ type: 'content_block_stop', index: this.#index });
    this.#open = undefined;
  }
}

/** Anthropic counts cached tokens apart from the other input (protocol.md 2b). */
function usageOf(input: number, cached: number, output: number): MessageUsage {
  return {
    input_tokens: Math.max(0, input - cached),
    output_tokens: output,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
  };
}
