import { StrelkaError } from '../errors.ts';
import {
  asFields,
  asText,
  BrokenFrame,
  type Fields,
  readContent,
  readFinishReason,
  readReasoning,
  readUsage,
} from '../openai/chunk.ts';
import type { Emit, FinishReason, ToolCallPart, Usage } from '../part.ts';
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
  #isRefused = false;
  #isDamaged = false;

  constructor(options: AssembleOptions) {
    this.#options = options;
    this.#calls = new NativeCalls(options);
  }

  /** A finish reason has come: only usage and the end are to follow. */
  get finished(): boolean {
    return this.#finish !== undefined;
  }

  /** A piece of the answer was lost on the way: a call that comes behind it may have a hole. */
  get damaged(): boolean {
    return this.#isDamaged;
  }

  /**
   * @param value one chunk, or one whole unstreamed answer
   * @throws StrelkaError where the value is an error (failures.md E-8, E-9)
   */
  write(value: unknown, emit: Emit): void {
    if (value instanceof BrokenFrame) {
      this.#options.notes.add('broken-frame', value.data);
      this.#isDamaged ||= !this.finished;
      return;
    }
    const chunk = asFields(value);
    if (!chunk) return;
    if (isErrorChunk(chunk)) throw this.#options.describeError(chunk);
    this.#usage = readUsage(chunk.usage, this.#usage);
    const choice = Array.isArray(chunk.choices) ? asFields(chunk.choices[0]) : undefined;
    if (choice) this.#readChoice(choice, emit);
  }

  #readChoice(choice: Fields, emit: Emit): void {
    const message = asFields(choice.message);
    const delta = asFields(choice.delta);
    if (delta && (!message || Object.keys(delta).length > 0)) this.#readDelta(delta, false, emit);
    // Some servers close a stream with the whole message once more.
    else if (message && !this.#hasContent) this.#readDelta(message, true, emit);
    this.#usage = readUsage(choice.usage, this.#usage);
    const finish = readFinishReason(choice.finish_reason);
    if (finish === 'failed')
      throw new StrelkaError('stream-broken', 'The upstream broke off its answer with an error. Try again.');
    this.#finish = finish ?? this.#finish;
    // vLLM and SGLang name the stop sequence; a number there is the id of an end token.
    const stop = asText(choice.stop_reason) ?? asText(choice.matched_stop);
    if (stop !== undefined && this.#options.stopSequences.includes(stop)) this.#stopSequence = stop;
  }

  get #hasContent(): boolean {
    return this.#hasText || this.#hasReasoning || this.#calls.started;
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
      this.#isRefused = true;
      this.#emitText(refusal, emit);
    }
    if (this.#calls.add(delta.tool_calls, whole)) return;
    // The form before tool_calls; servers that send both say the same twice.
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
   * @param done the upstream said that its answer is whole: by `[DONE]`, or by sending one JSON object
   * @throws StrelkaError 'stream-broken' where the end came too early (failures.md N-3, E-10), 'tool-call-broken',
   *   'answer-empty'
   */
  end(done: boolean, emit: Emit): void {
    const { finish, calls } = this.#settle(done);
    for (const call of calls) emit(call);
    if (this.#usage) emit({ type: 'usage', usage: this.#usage });
    emit({
      type: 'finish',
      reason: honestFinish(finish, calls.length, this.#isRefused),
      stopSequence: this.#stopSequence,
    });
  }

  #settle(done: boolean): { finish: FinishReason; calls: ToolCallPart[] } {
    const finish = this.#finish;
    if (finish) {
      const isCut = finish !== 'stop' && finish !== 'tool-calls';
      return { finish, calls: this.#calls.settle(isCut, isCut) };
    }
    // No finish reason ever came. With `[DONE]` the server means that it is complete; whole calls may be run as well.
    const calls = this.#settleUnfinished(done);
    if (calls.length > 0) return { finish: 'tool-calls', calls };
    if (!done) throw cutOff();
    if (!this.#hasText && !this.#hasReasoning)
      throw new StrelkaError('answer-empty', 'The upstream ended its answer without a word. Try again.');
    return { finish: 'stop', calls };
  }

  #settleUnfinished(done: boolean): ToolCallPart[] {
    try {
      return this.#calls.settle(!done, false);
    } catch (cause) {
      throw cutOff(cause);
    }
  }
}

function cutOff(cause?: unknown): StrelkaError {
  return new StrelkaError(
    'stream-broken',
    'The upstream ended the connection in the middle of its answer. What came so far may be incomplete; try again.',
    { cause },
  );
}

/** Calls decide over the reason that the server gives, both ways (N-2, N-4); OpenAI ends a refusal with 'stop'. */
function honestFinish(finish: FinishReason, calls: number, isRefused: boolean): FinishReason {
  if (calls > 0 && finish === 'stop') return 'tool-calls';
  if (calls > 0 || (finish !== 'tool-calls' && finish !== 'stop')) return finish;
  return isRefused ? 'content-filter' : 'stop';
}

/** `{error}`, `{object:"error"}`, Venice's `{error_type, error_message}`, and what stands bare where choices belong. */
function isErrorChunk(chunk: Fields): boolean {
  if (chunk.error) return true;
  if (chunk.object === 'error' || chunk.type === 'error') return true;
  if (Array.isArray(chunk.choices)) return false;
  if (chunk.error_message !== undefined || chunk.detail !== undefined || chunk.success === false) return true;
  return isErrorCode(chunk.code) || isErrorCode(chunk.status) || isErrorCode(chunk.statusCode);
}

/** @returns true for an HTTP status of an error, or z.ai's own numbers, which are larger */
function isErrorCode(value: unknown): boolean {
  return (typeof value === 'number' || typeof value === 'string') && Number(value) >= 400;
}
