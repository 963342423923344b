import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChunkWriter, type ChunkWriterOptions, formatChunks } from '../../../proxy/openai/chunk-writer.ts';
import { type ChatCompletionChunk, foldChunks } from '../../../proxy/openai/completion.ts';
import type { FinishReason, Part } from '../../../proxy/part.ts';

const stop: Part = { type: 'finish', reason: 'stop' };
const text = (value: string): Part => ({ type: 'text', text: value });
const thought = (value: string): Part => ({ type: 'reasoning', text: value });
const call = (id: string, name = 'read'): Part => ({ type: 'tool-call', id, name, arguments: '{"a":1}' });

function write(parts: Part[], options: Partial<ChunkWriterOptions> = {}): ChatCompletionChunk[] {
  const writer = new ChunkWriter({
    id: 'chatcmpl-1',
    model: 'asked',
    created: 5,
    includeUsage: false,
    functionCalls: false,
    estimatedInputTokens: 70,
    ...options,
  });
  // One part at a time: how parts are batched must not show.
  return [...writer.write([]), ...parts.flatMap((part) => writer.write([part]))];
}

function deltasOf(chunks: ChatCompletionChunk[]): unknown[] {
  return chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
}

describe('ChunkWriter', () => {
  it('begins with the role, once, and carries what the client asked for in each chunk', () => {
    const chunks = write([text('Hi'), stop]);
    assert.deepEqual(deltasOf(chunks), [{ role: 'assistant' }, { content: 'Hi' }, {}]);
    for (const chunk of chunks) {
      assert.equal(chunk.id, 'chatcmpl-1');
      assert.equal(chunk.model, 'asked');
      assert.equal(chunk.created, 5);
      assert.equal(chunk.object, 'chat.completion.chunk');
    }
  });

  it('gives calls indexes, ids and names of their own, each in one delta', () => {
    const [, first, second] = deltasOf(write([call('call_aaaaaaaaaaaa'), call('call_aaaaaaaaaaaa', 'write'), stop]));
    assert.deepEqual(first, {
      tool_calls: [
        {
          index: 0,
          id: 'call_aaaaaaaaaaaa',
          type: 'function',
          function: { name: 'read', arguments: '{"a":1}' },
        },
      ],
    });
    const repeated = JSON.stringify(second);
    assert.match(repeated, /"index":1,"id":"call_[0-9a-f]{24}","type":"function","function":\{"name":"write"/);
  });

  it('drops white space before calls and at the end, and keeps it between words', () => {
    const content = (parts: Part[]) => foldChunks(write(parts)).choices[0].message.content;
    assert.equal(content([text('\n\n'), call(''), stop]), null);
    assert.equal(content([text('Hi'), call(''), text('\n'), stop]), 'Hi');
    assert.equal(content([text(' '), text('\nHi'), text('\n'), text('you'), stop]), ' \nHi\nyou');
    assert.equal(content([text('a'), thought('hm'), text('\n\nb'), stop]), 'a\n\nb');
    assert.equal(content([stop]), '');
  });

  it('passes thinking on, but not white space alone', () => {
    assert.deepEqual(deltasOf(write([thought('\n'), thought('Hm.'), thought(' '), text('Hi'), stop])), [
      { role: 'assistant' },
      { reasoning_content: 'Hm.' },
      { reasoning_content: ' ' },
      { content: 'Hi' },
      {},
    ]);
  });

  const reasons: [FinishReason, boolean, string][] = [
    ['stop', false, 'stop'],
    ['stop', true, 'tool_calls'],
    ['tool-calls', true, 'tool_calls'],
    ['tool-calls', false, 'stop'],
    ['length', true, 'length'],
    ['context-window', false, 'length'],
    ['content-filter', false, 'content_filter'],
  ];
  for (const [reason, calls, told] of reasons)
    it(`tells ${reason} ${calls ? 'with' : 'without'} calls as ${told}`, () => {
      const chunks = write([...(calls ? [call('')] : [text('Hi')]), { type: 'finish', reason }]);
      assert.deepEqual(
        chunks.flatMap(({ choices }) => choices.map(({ finish_reason }) => finish_reason)),
        [null, null, told],
      );
    });

  it('tells the usage in a chunk of its own where that is asked for', () => {
    const usage: Part = { type: 'usage', usage: { inputTokens: 100, cachedInputTokens: 64, outputTokens: 7 } };
    const last = write([text('Hi'), usage, stop], { includeUsage: true }).at(-1);
    assert.deepEqual(last?.choices, []);
    assert.deepEqual(last?.usage, {
      prompt_tokens: 100,
      completion_tokens: 7,
      total_tokens: 107,
      prompt_tokens_details: { cached_tokens: 64 },
    });
    assert.ok(write([text('Hi'), usage, stop]).every((chunk) => chunk.usage === undefined));
  });

  it('estimates a usage that the upstream does not tell', () => {
    const last = write([text('12345678'), stop], { includeUsage: true }).at(-1);
    assert.equal(last?.usage?.prompt_tokens, 70);
    assert.equal(last?.usage?.completion_tokens, 2);
  });

  it('answers a client of the deprecated functions with one function_call', () => {
    const chunks = write([call('a'), call('b', 'write'), stop], { functionCalls: true });
    const called = { name: 'read', arguments: '{"a":1}' };
    assert.deepEqual(deltasOf(chunks), [{ role: 'assistant' }, { function_call: called }, {}]);
    const [choice] = foldChunks(chunks).choices;
    assert.equal(choice.finish_reason, 'function_call');
    assert.deepEqual(choice.message, { role: 'assistant', content: null, refusal: null, function_call: called });
  });
});

describe('formatChunks', () => {
  it('writes an event for each chunk', () => {
    const chunks = write([text('Hi\n')]);
    const events = formatChunks(chunks).split('\n\n');
    assert.equal(events.pop(), '');
    assert.deepEqual(
      events.map((event) => JSON.parse(event.replace(/^data: /, ''))),
      chunks,
    );
    assert.equal(formatChunks([]), '');
  });
});
