import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { BrokenFrame } from '../../../proxy/openai/chunk.ts';
import { OllamaReader } from '../../../proxy/upstream/ollama-answer.ts';

const line = (message: object, more: object = {}) =>
  JSON.stringify({
    model: 'm',
    created_at: '2026-11-20T09:00:00Z',
    message: { role: 'assistant', ...message },
    ...more,
  });
const delta = (values: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: values, finish_reason: finish }],
});

const answer = [
  line({ content: '', thinking: 'Хм… ' }, { done: false }),
  line({ content: 'Привет, 🐈!' }, { done: false }),
  line({ content: '', tool_calls: [{ function: { name: 'A', arguments: { x: 1 } } }] }, { done: false }),
  line(
    {
      content: '',
      tool_calls: [
        { function: { index: 0, name: 'B', arguments: {} } },
        { id: 'call_7', function: { index: 0, name: 'C', arguments: '{"y":2}' } },
      ],
    },
    { done: false },
  ),
  line({ content: '' }, { done: true, done_reason: 'stop', prompt_eval_count: 12, eval_count: 5 }),
];
const call = (index: number, name: string, text: string, id = '') => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: text },
});
const expected = [
  delta({ reasoning_content: 'Хм… ' }),
  delta({ content: 'Привет, 🐈!' }),
  delta({ tool_calls: [call(0, 'A', '{"x":1}')] }),
  delta({ tool_calls: [call(1, 'B', '{}'), call(2, 'C', '{"y":2}', 'call_7')] }),
  { ...delta({}, 'stop'), usage: { prompt_tokens: 12, completion_tokens: 5 } },
];

/** Reads a text cut into pieces of so many bytes. */
function read(text: string, pieceLength = Infinity): unknown[] {
  const reader = new OllamaReader();
  const bytes = Buffer.from(text);
  const values: unknown[] = [];
  for (let start = 0; start < bytes.length; start += pieceLength)
    values.push(...reader.push(bytes.subarray(start, start + pieceLength)));
  values.push(...reader.end());
  return values;
}

function kindOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    return error.kind;
  }
  return assert.fail('nothing was thrown');
}

describe('an answer of Ollama’s as chunks of chat completions', () => {
  it('is the same however its bytes are cut', () => {
    const text = `${answer.join('\n')}\n`;
    for (let length = 1; length <= Buffer.byteLength(text); length++) assert.deepEqual(read(text, length), expected);
  });

  it('needs no last line break, takes CRLF and empty lines, and ignores what follows the end', () => {
    assert.deepEqual(read(answer.join('\n')), expected);
    assert.deepEqual(read(`\r\n${answer.join('\r\n\r\n')}\r\n`), expected);
    assert.deepEqual(read(`${answer.join('\n')}\n${line({ content: 'more' })}\nnonsense\n`), expected);
  });

  it('can be one object', () => {
    const whole = line({ content: 'Hi', thinking: 'Hm' }, { done: true, done_reason: 'length', eval_count: 3 });
    assert.deepEqual(read(whole), [
      { ...delta({ reasoning_content: 'Hm', content: 'Hi' }, 'length'), usage: { completion_tokens: 3 } },
    ]);
  });

  it('ends for reasons that chat completions know', () => {
    const finish = (reason?: string) => read(line({ content: '' }, { done: true, done_reason: reason }));
    for (const reason of ['stop', 'load', 'unload', 'surprise', undefined])
      assert.deepEqual(finish(reason), [{ ...delta({}, 'stop'), usage: {} }]);
    assert.deepEqual(finish('length'), [{ ...delta({}, 'length'), usage: {} }]);
  });

  it('hands on an error behind what came before it, with the status that it stands for', () => {
    const errorOf = (message: string) => read(`${answer[1]}\n${JSON.stringify({ error: message })}\n`);
    assert.deepEqual(errorOf('llama runner process has terminated'), [
      expected[1],
      { error: { message: 'llama runner process has terminated', code: 500 } },
    ]);
    const codeOf = (message: string) => JSON.stringify(errorOf(message)[1]);
    assert.match(codeOf("model 'x' not found"), /"code":404/);
    assert.match(codeOf('server busy, please try again.  maximum pending requests exceeded'), /"code":503/);
    assert.deepEqual(read('{"error":"cut before its line break"}'), [
      { error: { message: 'cut before its line break', code: 500 } },
    ]);
  });

  it('that ends before it says done is broken, wherever it is cut', () => {
    const text = `${answer.join('\n')}\n`;
    const bytes = Buffer.from(text);
    const whole = Buffer.byteLength(text) - 1;
    for (let length = 0; length < whole; length++)
      assert.equal(
        kindOf(() => read(bytes.subarray(0, length).toString('latin1'))),
        'stream-broken',
        `cut at ${length}`,
      );
  });

  it('marks a lost line, and reads on', () => {
    const values = read([answer[0], '{"message":{"content":"lo', ...answer.slice(1)].join('\n'));
    assert.ok(values[1] instanceof BrokenFrame);
    assert.equal(values[1].data, '{"message":{"content":"lo');
    assert.deepEqual(values.toSpliced(1, 1), expected);
  });

  it('that is a web page or other text is none', () => {
    assert.equal(
      kindOf(() => read('<html>\n<title>Router</title>\n</html>\n')),
      'answer-unreadable',
    );
    assert.equal(
      kindOf(() => read('404 page not found')),
      'answer-unreadable',
    );
    assert.equal(
      kindOf(() => read('')),
      'stream-broken',
    );
  });
});
