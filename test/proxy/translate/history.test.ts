import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertLegal } from './chat-legality.ts';
import { type SampleOptions, translateMessages } from './request-sample.ts';

const call = (id: string, name = 'Read', input: unknown = {}) => ({ type: 'tool_use', id, name, input });
const answer = (id: string, content: unknown = `result of ${id}`, fields: object = {}) => ({
  type: 'tool_result',
  tool_use_id: id,
  content,
  ...fields,
});
const text = (value: string) => ({ type: 'text', text: value });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const user = (...content: unknown[]) => ({ role: 'user', content });

/** A short picture of a conversation: role, and what it says. */
function picture(messages: unknown[], options?: SampleOptions): string[] {
  const translated = translateMessages(messages, options);
  assertLegal(translated);
  return translated.map((message) => {
    const said = typeof message.content === 'string' ? message.content : JSON.stringify(message.content);
    if (message.role === 'tool') return `tool ${message.tool_call_id}: ${said}`;
    if (message.role !== 'assistant') return `${message.role}: ${said}`;
    const calls = (message.tool_calls ?? []).map((made) => `${made.function.name}#${made.id}`);
    return `assistant: ${[said, ...calls].join(' ')}`;
  });
}

describe('calls and results', () => {
  it('have content null beside calls alone, and the text where there is one', () => {
    assert.deepEqual(picture([assistant(call('a')), user(answer('a'))]), [
      'assistant: null Read#a',
      'tool a: result of a',
    ]);
    assert.deepEqual(picture([assistant(text('I look.'), call('a')), user(answer('a'))]), [
      'assistant: I look. Read#a',
      'tool a: result of a',
    ]);
  });

  it('stand together when text comes before, between and after the results', () => {
    assert.deepEqual(
      picture([
        assistant(call('a'), call('b')),
        user(text('one'), answer('b'), text('two'), answer('a'), text('three')),
      ]),
      ['assistant: null Read#a Read#b', 'tool a: result of a', 'tool b: result of b', 'user: one\n\ntwo\n\nthree'],
    );
  });

  it('stand together when results come in several messages, late, or behind another answer', () => {
    assert.deepEqual(
      picture([
        assistant(call('a'), call('b')),
        user(answer('a')),
        user(text('wait')),
        assistant(text('hm')),
        user(answer('b'), text('go')),
      ]),
      [
        'assistant: null Read#a Read#b',
        'tool a: result of a',
        'tool b: result of b',
        'user: wait',
        'assistant: hm',
        'user: go',
      ],
    );
  });

  it('of several assistant messages in a row are each answered', () => {
    assert.deepEqual(picture([assistant(call('a')), assistant(call('b')), user(answer('a'), answer('b'))]), [
      'assistant: null Read#a',
      'tool a: result of a',
      'assistant: null Read#b',
      'tool b: result of b',
    ]);
  });

  it('are made legal where a result has no call, or comes before it, or twice', () => {
    assert.deepEqual(picture([user(answer('z', 'lost'))]), ['user: [Result of an earlier tool call]\nlost']);
    assert.deepEqual(
      picture([user(answer('a', 'early')), assistant(call('a')), user(answer('a'), answer('a', 'again'))]),
      [
        'user: [Result of an earlier tool call]\nearly',
        'assistant: null Read#a',
        'tool a: result of a',
        'user: [Result of an earlier tool call]\nagain',
      ],
    );
  });

  it('are made legal where a call was never answered', () => {
    assert.deepEqual(picture([assistant(call('a')), user(text('never mind'))]), [
      'assistant: null Read#a',
      'tool a: [No result was recorded for this tool call.]',
      'user: never mind',
    ]);
    assert.equal(
      picture([user(text('Hi')), assistant(call('a'))])
        .at(-1)
        ?.startsWith('tool a: [No result'),
      true,
    );
  });

  it('with the same id twice are told apart, each with its own result', () => {
    const translated = picture([
      assistant(call('a')),
      user(answer('a', 'first')),
      assistant(call('a')),
      user(answer('a', 'second')),
    ]);
    assert.equal(translated[1], 'tool a: first');
    assert.match(translated[3] ?? '', /^tool call_[0-9a-f]{24}: second$/);
    const parallel = picture([assistant(call('a'), call('a')), user(answer('a', 'first'), answer('a', 'second'))]);
    assert.deepEqual(
      parallel.slice(1).map((line) => line.split(': ')[1]),
      ['first', 'second'],
    );
  });

  it('give the latest unanswered call of an id its result', () => {
    const lines = picture([assistant(call('a')), user(text('skip')), assistant(call('a')), user(answer('a', 'late'))]);
    assert.match(lines[1] ?? '', /No result was recorded/);
    assert.match(lines[4] ?? '', /: late$/);
  });

  it('keep odd input as a legal object', () => {
    const inputs = [{ a: 1 }, 'text', ['list'], 5, null, '', undefined];
    const [message] = translateMessages([assistant(...inputs.map((input, index) => call(`a${index}`, 'Read', input)))]);
    assert.equal(message?.role, 'assistant');
    assert.deepEqual(message?.role === 'assistant' && message.tool_calls?.map((made) => made.function.arguments), [
      '{"a":1}',
      '{"input":"text"}',
      '{"input":["list"]}',
      '{"input":5}',
      '{}',
      '{}',
      '{}',
    ]);
  });

  it('in the wrong role lose nothing', () => {
    assert.deepEqual(picture([user(call('a', 'Bash', { command: 'ls' }))]), [
      'user: [The tool Bash was called with {"command":"ls"}]',
    ]);
    assert.deepEqual(picture([assistant(call('a'), answer('a'))]), ['assistant: null Read#a', 'tool a: result of a']);
  });

  it('have ids that the upstream takes', () => {
    const odd = [
      assistant(call('functions.Read:7'), call('b')),
      user(answer('b', 'B'), answer('functions.Read:7', 'A')),
    ];
    const any = picture(odd);
    assert.match(any[1] ?? '', /^tool call_[0-9a-f]{24}: A$/);
    assert.equal(any[2], 'tool b: B');
    assert.deepEqual(picture(odd, { profile: { toolCallIds: 'kimi' } }).slice(1), [
      'tool functions.Read:0: A',
      'tool functions.Read:1: B',
    ]);
    const nine = picture(odd, { profile: { toolCallIds: 'nine-alphanumerics' } });
    for (const line of nine.slice(1)) assert.match(line, /^tool [a-zA-Z0-9]{9}: [AB]$/);
  });
});

describe('a tool result', () => {
  it('says that it is an error, once', () => {
    const line = (content: string) =>
      picture([assistant(call('a')), user(answer('a', content, { is_error: true }))])[1];
    assert.equal(line('no such file'), 'tool a: Error: no such file');
    assert.equal(line('Error: no such file'), 'tool a: Error: no such file');
  });

  it('of nothing says so', () => {
    for (const content of ['', [], null, [text('')]])
      assert.equal(
        picture([assistant(call('a')), user(answer('a', content))])[1],
        'tool a: [The tool returned nothing.]',
      );
  });

  it('has its images lifted into the user message behind it, before what the user says', () => {
    const image = (data: string) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } });
    const translated = translateMessages([
      assistant(call('a', 'Shot'), call('b', 'Read')),
      user(text('look'), answer('a', [text('shot'), image('AAAA'), image('BBBB')]), answer('b', 'plain')),
    ]);
    assertLegal(translated);
    assert.deepEqual(translated.slice(1), [
      { role: 'tool', tool_call_id: 'a', content: 'shot\n[2 images of this result follow in the next user message.]' },
      { role: 'tool', tool_call_id: 'b', content: 'plain' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'From the result of the tool Shot:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,BBBB' } },
          { type: 'text', text: 'look' },
        ],
      },
    ]);
  });

  it('names the tools that a search found, by the names that are sent', () => {
    const found = answer('a', [{ type: 'tool_reference', tool_name: 'mcp__x__y' }]);
    assert.equal(picture([assistant(call('a')), user(found)])[1], 'tool a: Tool found: mcp__x__y');
    const long = `mcp__${'x'.repeat(80)}`;
    const [called, result] = translateMessages([
      assistant(call('a', long)),
      user(answer('a', [{ type: 'tool_reference', tool_name: long }])),
    ]);
    const sent = called?.role === 'assistant' ? called.tool_calls?.[0]?.function.name : undefined;
    assert.equal(result?.content, `Tool found: ${sent}`);
  });
});

describe('thinking in the history', () => {
  const thought = { type: 'thinking', thinking: 'Hm.', signature: 'made up' };
  const messages = [
    user(text('Hi')),
    assistant(thought, { type: 'redacted_thinking', data: 'x' }, text('Yes')),
    user(text('So?')),
  ];

  it('goes back as reasoning_content where the model wants it, else is dropped', () => {
    assert.deepEqual(translateMessages(messages)[1], { role: 'assistant', content: 'Yes', reasoning_content: 'Hm.' });
    assert.deepEqual(translateMessages(messages, { profile: { replayReasoning: false } })[1], {
      role: 'assistant',
      content: 'Yes',
    });
  });

  it('alone makes no message', () => {
    assert.deepEqual(picture([user(text('Hi')), assistant(thought), user(text('Again'))]), ['user: Hi\n\nAgain']);
  });
});

describe('neighbours of one role', () => {
  it('are joined, and a prefill at the end stays to the letter', () => {
    assert.deepEqual(picture([user(text('A')), user(text('B')), assistant(text('C')), assistant(text('{"d": '))]), [
      'user: A\n\nB',
      'assistant: C\n\n{"d": ',
    ]);
  });

  it('of unknown roles count as the user', () => {
    assert.deepEqual(picture([{ role: 'oracle', content: 'A' }, user(text('B'))]), ['user: A\n\nB']);
  });

  it('lose white space alone', () => {
    assert.deepEqual(
      picture([user(text('A')), assistant(text('\n\n'), call('a')), user(answer('a'))])[1],
      'assistant: null Read#a',
    );
  });
});
