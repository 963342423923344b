import { StrelkaError } from '../errors.ts';
import {
  asFields,
  asText,
  type Fields,
  readContent,
  readFinishReason,
  readReasoning,
  readUsage,
} from '../openai/chunk.ts';
import type { Emit, FinishReason, Usage } from '../part.ts';
import { NativeCalls } from './native-calls.ts';
import type { RepairContext } from './repair.ts';

export interface AssembleOptions extends RepairContext {
  /** Turns an error object inside the answer into one of ours. */
  describeError(body: Fields): StrelkaError;
  /** Stop sequences that the request named, to tell which one hit. */
  stopSequences: readonly string[];
}

/**
 * Turns the raw chunks of one answer into parts and bears every native oddity (failures.md 1 and 4). Text and
 * reasoning leave at once; calls, usage and finish leave when the answer has ended, because usage comes behind the
 * finish reason and content sometimes too (S-11).
 */
export class Assembler {
  readonly #options: AssembleOptions;
  readonly #calls: NativeCalls;
  #finish: FinishReason | undefined;
  #stopSequence: string | undefined;
  #usage: Usage | undefined;
  #hasText = false;
  #hasReasoning = false;

  constructor(options: AssembleOptions) {
    this.#options = options;
    this.#calls = new NativeCalls(options);
  }

  /** A finish reason has come: only usage and the end are to follow. */
  get finished(): boolean {
    return this.#finish !== undefined;
  }

  /** A native call is being written: nothing of it can leave yet. */
  get callStarted(): boolean {
    return this.#calls.started;
  }

  /**
   * @param value one chunk, or one whole unstreamed answer
   * @throws StrelkaError where the value is an error (failures.md E-8, E-9)
   */
  write(value: unknown, emit: Emit): void {
    const chunk = asFields(value);
    if (!chunk) return;
    if (isErrorChunk(chunk)) throw this.#options.describeError(chunk);
    this.#usage = readUsage(chunk.usage) ?? this.#usage;
    const choice = Array.isArray(chunk.choices) ? asFields(chunk.choices[0]) : undefined;
    if (choice) this.#readChoice(choice, emit);
  }

  #readChoice(choice: Fields, emit: Emit): void {
    const message = asFields(choice.message);
    const delta = message ?? asFields(choice.delta);
    if (delta) this.#readDelta(delta, message !== undefined, emit);
    this.#usage = readUsage(choice.usage) ?? this.#usage;
    const finish = readFinishReason(choice.finish_reason);
    if (finish === 'failed')
      throw new StrelkaError('stream-broken', 'The upstream broke off its answer with an error. Try again.');
    this.#finish = finish ?? this.#finish;
    // vLLM and SGLang name the stop sequence; a number there is the id of an end token.
    const stop = asText(choice.stop_reason) ?? asText(choice.matched_stop);
    if (stop !== undefined && this.#options.stopSequences.includes(stop)) this.#stopSequence = stop;
  }

  #readDelta(delta: Fields, whole: boolean, emit: Emit): void {
    const reasoning = readReasoning(delta);
    if (reasoning !== '') this.#emitReasoning(reasoning, emit);
    if (delta.content !== undefined && delta.content !== null && delta.content !== '') {
      const content = readContent(delta.content);
      if (content.reasoning !== '' && reasoning === '') this.#emitReasoning(content.reasoning, emit);
      this.#emitText(content.text, emit);
    }
    const refusal = asText(delta.refusal);
    if (refusal !== undefined) {
      this.#finish = 'content-filter';
      this.#emitText(refusal, emit);
    }
    if (delta.tool_calls) this.#calls.add(delta.tool_calls, whole);
    if (delta.function_call) this.#calls.add([{ index: 0, function: delta.function_call }], whole);
  }

  #emitText(text: string, emit: Emit): void {
    if (text === '') return;
    this.#hasText = true;
    emit({ type: 'text', text });
  }

  #emitReasoning(text: string, emit: Emit): void {
    this.#hasReasoning = true;
    emit({ type: 'reasoning', text });
  }

  /**
   * The body ended cleanly.
   * @param done `[DONE]` was seen
   * @throws StrelkaError 'stream-broken' where the end came too early (failures.md N-3, E-10), 'tool-call-broken'
   */
  end(done: boolean, emit: Emit): void {
    const finish = this.#finish ?? this.#guessFinish(done);
    const calls = this.#calls.settle(finish);
    for (const call of calls) emit(call);
    if (this.#usage) emit({ type: 'usage', usage: this.#usage });
    emit({ type: 'finish', reason: honestFinish(finish, calls.length), stopSequence: this.#stopSequence });
  }

  /** No finish reason ever came. With `[DONE]` the server means it is complete; whole calls may be run as well. */
  #guessFinish(done: boolean): FinishReason {
    if (this.#calls.started) {
      try {
        this.#calls.settle('stop');
      } catch (cause) {
        throw cutOff(cause);
      }
      return 'tool-calls';
    }
    if (!done) throw cutOff();
    if (!this.#hasText && !this.#hasReasoning)
      throw new StrelkaError('answer-empty', 'The upstream ended its answer without a word. Try again.');
    return 'stop';
  }
}

function cutOff(cause?: unknown): StrelkaError {
  return new StrelkaError(
    'stream-broken',
    'The upstream ended the connection in the middle of its answer. What came so far may be incomplete; try again.',
    { cause },
  );
}

/** Calls decide over the reason that the server gives, both ways (N-2, N-4). */
function honestFinish(finish: FinishReason, calls: number): FinishReason {
  if (calls > 0 && finish === 'stop') return 'tool-calls';
  if (calls === 0 && finish === 'tool-calls') return 'stop';
  return finish;
}

/** `{error}`, `{object:"error"}`, Venice's `{error_type, error_message}`, and bare `{detail}` where choices belong. */
function isErrorChunk(chunk: Fields): boolean {
  if (chunk.error !== undefined && chunk.error !== null) return true;
  if (chunk.object === 'error' || chunk.type === 'error') return true;
  if (Array.isArray(chunk.choices)) return false;
  return chunk.error_message !== undefined || chunk.detail !== undefined || chunk.success === false;
}
