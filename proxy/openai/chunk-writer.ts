import type { FinishPart, Part, Usage } from '../part.ts';
import { CallIds } from '../translate/call-ids.ts';
import type { ChatCompletionChunk, ChatFinishReason, CompletionUsage, Delta } from './completion.ts';

export interface ChunkWriterOptions {
  id: string;
  /** The model that the client asked for. */
  model: string;
  /** Seconds since 1970. */
  created: number;
  /** Ends with a chunk that tells the usage (`stream_options.include_usage`). */
  includeUsage: boolean;
  /** The client declared the deprecated `functions`, so that it reads a `function_call`, of which there is one at most. */
  functionCalls: boolean;
  /** For an answer whose upstream reports no usage. */
  estimatedInputTokens: number;
}

/** Rough: for an answer whose upstream reports no usage. */
const charactersAToken = 4;

/**
 * Writes parts as the chunks of one completion: the role first, each call whole in one delta with an index, an id and a
 * name of its own, text only from the first visible character on (failures.md N-21).
 */
export class ChunkWriter {
  readonly #options: ChunkWriterOptions;
  readonly #ids = new CallIds('call_');
  #started = false;
  /** White space that waits for a visible character. */
  #blank: string | undefined = '';
  #thinks = false;
  #calls = 0;
  #characters = 0;
  #usage: Usage | undefined;

  constructor(options: ChunkWriterOptions) {
    this.#options = options;
  }

  /** @returns the chunks of these parts, in order; the first call, whose parts may be none, begins with the role */
  write(parts: readonly Part[]): ChatCompletionChunk[] {
    const chunks: ChatCompletionChunk[] = [];
    if (!this.#started) chunks.push(this.#chunk({ role: 'assistant' }));
    this.#started = true;
    for (const part of parts) this.#writePart(part, chunks);
    return chunks;
  }

  #writePart(part: Part, chunks: ChatCompletionChunk[]): void {
    switch (part.type) {
      case 'text':
        this.#writeText(part.text, chunks);
        return;
      case 'reasoning':
        this.#characters += part.text.length;
        this.#thinks ||= part.text.trim() !== '';
        if (this.#thinks) chunks.push(this.#chunk({ reasoning_content: part.text }));
        return;
      case 'tool-call':
        this.#writeCall(part.id, { name: part.name, arguments: part.arguments }, chunks);
        return;
      case 'usage':
        this.#usage = part.usage;
        return;
      case 'finish':
        this.#finish(part, chunks);
        return;
    }
  }

  #writeText(text: string, chunks: ChatCompletionChunk[]): void {
    this.#characters += text.length;
    let visible = text;
    if (this.#blank !== undefined) {
      this.#blank += text;
      if (this.#blank.trim() === '') return;
      visible = this.#blank;
      this.#blank = undefined;
    }
    chunks.push(this.#chunk({ content: visible }));
  }

  #writeCall(upstreamId: string, called: { name: string; arguments: string }, chunks: ChatCompletionChunk[]): void {
    this.#characters += called.arguments.length;
    // White space around calls is the template's, not the model's words.
    this.#blank = '';
    const index = this.#calls;
    this.#calls += 1;
    if (!this.#options.functionCalls) {
      const id = this.#ids.give(upstreamId);
      chunks.push(this.#chunk({ tool_calls: [{ index, id, type: 'function', function: called }] }));
    } else if (index === 0) chunks.push(this.#chunk({ function_call: called }));
  }

  #finish(part: FinishPart, chunks: ChatCompletionChunk[]): void {
    chunks.push(this.#chunk({}, this.#finishReason(part)));
    if (this.#options.includeUsage) chunks.push({ ...this.#frame(), choices: [], usage: this.#finalUsage() });
  }

  /** The honest reason (failures.md 4): calls only where calls were sent, and always then unless tokens ran out. */
  #finishReason({ reason }: FinishPart): ChatFinishReason {
    if (reason === 'length' || reason === 'context-window') return 'length';
    if (reason === 'content-filter') return 'content_filter';
    if (this.#calls === 0) return 'stop';
    return this.#options.functionCalls ? 'function_call' : 'tool_calls';
  }

  #finalUsage(): CompletionUsage {
    const usage = this.#usage ?? {
      inputTokens: this.#options.estimatedInputTokens,
      outputTokens: Math.ceil(this.#characters / charactersAToken),
      cachedInputTokens: 0,
    };
    return {
      prompt_tokens: usage.inputTokens,
      completion_tokens: usage.outputTokens,
      total_tokens: usage.inputTokens + usage.outputTokens,
      prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    };
  }

  #chunk(delta: Delta, finish_reason: ChatFinishReason | null = null): ChatCompletionChunk {
    return { ...this.#frame(), choices: [{ index: 0, delta, finish_reason }] };
  }

  #frame(): Pick<ChatCompletionChunk, 'id' | 'object' | 'created' | 'model'> {
    const { id, created, model } = this.#options;
    return { id, object: 'chat.completion.chunk', created, model };
  }
}

/** @returns chunks as Server-Sent Events, to be sent in one write; '' where there are none */
export function formatChunks(chunks: readonly ChatCompletionChunk[]): string {
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
}
