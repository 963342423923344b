import { StrelkaError } from '../errors.ts';
import { asCount, asFields, asText, BrokenFrame, type Fields } from '../openai/chunk.ts';
import { Utf8Reader } from '../openai/utf8.ts';
import { statusOfStreamError } from './ollama-error.ts';
import type { AnswerReader } from './read-answer.ts';
import { readMessage } from './upstream-error.ts';

/** What a body that is no answer begins with, for telling a page from half an answer. */
const headLength = 200;

/**
 * Reads the bytes of an answer of POST /api/chat: one JSON object a line, or one object in all (protocol.md 5). Each
 * line is handed on as a chunk of chat completions, so that all that comes behind is the same for every upstream.
 */
export class OllamaReader implements AnswerReader {
  /** The line with `done: true` has come. */
  done = false;
  readonly #decoder = new Utf8Reader();
  #rest = '';
  #head = '';
  #hasLines = false;
  /** A line with an error has come: it is the last word. */
  #hasFailed = false;
  #calls = 0;

  push(bytes: Uint8Array): unknown[] {
    return this.#feed(this.#decoder.read(bytes));
  }

  /** @throws StrelkaError 'stream-broken' where the end came before `done`, 'answer-unreadable' for no answer at all */
  end(): unknown[] {
    // A last line needs no line break; half a line is what a broken connection leaves, and no broken frame.
    const last = this.done || this.#hasFailed ? undefined : parseLine(this.#rest + this.#decoder.end());
    const values = last === undefined ? [] : [this.#readLine(last)];
    if (this.done || this.#hasFailed) return values;
    if (this.#hasLines || /^\s*(?:\{|$)/.test(this.#head + this.#rest))
      throw new StrelkaError(
        'stream-broken',
        'Ollama ended the connection in the middle of its answer: it may have been stopped or run out of memory. Try again.',
      );
    throw new StrelkaError(
      'answer-unreadable',
      "What answered is no Ollama: it sent something else than a model's answer. Check OLLAMA_BASE_URL.",
    );
  }

  #feed(text: string): unknown[] {
    if (this.done || this.#hasFailed) return [];
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const values: unknown[] = [];
    for (const line of lines) {
      if (this.done || this.#hasFailed) break;
      if (line.trim() === '') continue;
      const fields = parseLine(line);
      if (fields) values.push(this.#readLine(fields));
      else if (this.#hasLines || line.trimStart().startsWith('{'))
        values.push(new BrokenFrame(line.slice(0, headLength)));
      else this.#head ||= line.slice(0, headLength);
    }
    return values;
  }

  #readLine(line: Fields): object {
    this.#hasLines = true;
    if (line.error !== undefined && line.error !== null) {
      this.#hasFailed = true;
      const message = readMessage(line);
      return { error: { message, code: statusOfStreamError(message) } };
    }
    const message = asFields(line.message) ?? {};
    this.done = line.done === true;
    const thinking = asText(message.thinking);
    const content = asText(message.content);
    const calls = this.#readCalls(message.tool_calls);
    const delta = {
      ...(thinking !== undefined && { reasoning_content: thinking }),
      ...(content !== undefined && { content }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    const finish = this.done ? finishOf(line.done_reason) : null;
    return { choices: [{ index: 0, delta, finish_reason: finish }], ...(this.done && { usage: usageOf(line) }) };
  }

  /** Each element is a whole call. Their own indices begin anew with each line in some versions, so ours count. */
  #readCalls(calls: unknown): object[] {
    if (!Array.isArray(calls)) return [];
    return calls.flatMap((call: unknown) => {
      const spec = asFields(asFields(call)?.function);
      if (!spec) return [];
      const { name, arguments: given } = spec;
      // Objects are the rule here and no oddity to mend, so they go on as what chat completions have.
      const text = typeof given === 'string' ? given : JSON.stringify(given ?? {});
      const id = asText(asFields(call)?.id) ?? '';
      return [{ index: this.#calls++, id, type: 'function', function: { name, arguments: text } }];
    });
  }
}

/** load and unload are answers to a request without messages. */
function finishOf(reason: unknown): string {
  return reason === 'length' ? 'length' : 'stop';
}

function usageOf(line: Fields): object {
  const input = asCount(line.prompt_eval_count);
  const output = asCount(line.eval_count);
  return {
    ...(input !== undefined && { prompt_tokens: input }),
    ...(output !== undefined && { completion_tokens: output }),
  };
}

function parseLine(line: string): Fields | undefined {
  try {
    return asFields(JSON.parse(line));
  } catch {
    return undefined;
  }
}
