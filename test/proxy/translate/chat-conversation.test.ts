import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatMessage } from '../../../proxy/openai/chat-request.ts';
import { conversationOf } from '../../../proxy/translate/chat-conversation.ts';
import { quotableText } from '../../../proxy/translate/quotable.ts';
import { estimateTokens } from '../../../proxy/translate/token-estimate.ts';
import { assertLegal } from './chat-legality.ts';
import { chatSample, functionTool, toolCall, translateChatMessages, translateChatSample } from './chat-sample.ts';
import { Random } from './random.ts';

const question = { role: 'user', content: 'Hi' };

describe('system messages', () => {
  it('at the head are merged into one, developer ones included', () => {
    const messages = translateChatMessages([
      { role: 'system', content: 'One.' },
      { role: 'developer', content: [{ type: 'text', text: 'Two.' }] },
      question,
    ]);
    assert.deepEqual(messages, [{ role: 'system', content: 'One.\n\nTwo.' }, question]);
  });

  it('in the middle stay, or become reminders, as the profile says', () => {
    const history = [question, { role: 'assistant', content: 'Yes?' }, { role: 'developer', content: 'Be short.' }];
    assert.deepEqual(translateChatMessages(history).at(-1), { role: 'system', content: 'Be short.' });
    assert.deepEqual(translateChatMessages(history, { profile: { systemAnywhere: false } }).at(-1), {
      role: 'user',
      content: '<system-reminder>\nBe short.\n</system-reminder>',
    });
  });

  it('alone are a request too', () => {
    assert.deepEqual(translateChatMessages([{ role: 'system', content: 'Say hi.' }]), [
      { role: 'system', content: 'Say hi.' },
    ]);
  });
});

describe("the assistant's messages", () => {
  it('give thinking back where the profile wants it, under either name', () => {
    for (const field of ['reasoning_content', 'reasoning']) {
      const history = [question, { role: 'assistant', content: 'Yes?', [field]: 'Hm.' }, question];
      assert.deepEqual(translateChatMessages(history)[1], {
        role: 'assistant',
        content: 'Yes?',
        reasoning_content: 'Hm.',
      });
      const dropped = translateChatMessages(history, { profile: { replayReasoning: false } })[1];
      assert.deepEqual(dropped, { role: 'assistant', content: 'Yes?' });
    }
  });

  it('may consist of parts: text, refusals, thinking', () => {
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
      { type: 'text', text: 'Well, ' },
      { type: 'refusal', refusal: 'no.' },
    ];
    assert.deepEqual(translateChatMessages([question, { role: 'assistant', content }, question])[1], {
      role: 'assistant',
      content: 'Well, no.',
      reasoning_content: 'Hm.',
    });
    const refusal = { role: 'assistant', content: null, refusal: 'No.' };
    assert.deepEqual(translateChatMessages([question, refusal, question])[1], { role: 'assistant', content: 'No.' });
  });

  it('keep the text of arguments to the letter, and make an object of what is none', () => {
    const spaced = '{"id": 12345678901234567890, "ratio": 1.0}';
    for (const [given, sent] of [
      [spaced, spaced],
      ['', '{}'],
      ['{"half": ', '{"input":"{\\"half\\": "}'],
      ['[1]', '{"input":[1]}'],
    ]) {
      const message = translateChatMessages([
        question,
        { role: 'assistant', content: '', tool_calls: [toolCall('call_1', 'read', given)] },
        { role: 'tool', tool_call_id: 'call_1', content: 'x' },
      ])[1];
      assert.ok(message?.role === 'assistant');
      assert.equal(message.content, null);
      assert.equal(message.tool_calls?.[0]?.function.arguments, sent);
    }
  });

  it('may have called a custom tool', () => {
    const custom = { id: 'call_1', type: 'custom', custom: { name: 'shell', input: 'ls' } };
    const message = translateChatMessages([
      question,
      { role: 'assistant', tool_calls: [custom] },
      { role: 'tool', tool_call_id: 'call_1', content: 'a.ts' },
    ])[1];
    assert.ok(message?.role === 'assistant');
    assert.deepEqual(message.tool_calls?.[0]?.function, { name: 'shell', arguments: '{"input":"ls"}' });
  });
});

describe('results', () => {
  it('stand right behind their call, whatever came between', () => {
    const messages = translateChatMessages([
      question,
      { role: 'assistant', content: null, tool_calls: [toolCall('a', 'read'), toolCall('b', 'read')] },
      { role: 'user', content: 'Hurry.' },
      { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: 'B' }] },
      { role: 'tool', tool_call_id: 'a', content: 'A' },
    ]);
    assertLegal(messages);
    assert.deepEqual(messages.slice(2), [
      { role: 'tool', tool_call_id: 'a', content: 'A' },
      { role: 'tool', tool_call_id: 'b', content: 'B' },
      { role: 'user', content: 'Hurry.' },
    ]);
  });

  it('without a call are told as text, calls without a result are answered, repeated ids are told apart', () => {
    const messages = translateChatMessages([
      question,
      { role: 'tool', tool_call_id: 'gone', content: 'Old news.' },
      { role: 'assistant', content: null, tool_calls: [toolCall('a', 'read')] },
      { role: 'tool', tool_call_id: 'a', content: 'first' },
      { role: 'assistant', content: null, tool_calls: [toolCall('a', 'read'), toolCall('b', 'read')] },
      { role: 'tool', tool_call_id: 'a', content: 'second' },
      question,
    ]);
    assertLegal(messages);
    const texts = messages.flatMap((message) => (message.role === 'tool' ? [message.content] : []));
    assert.deepEqual(texts, ['first', 'second', '[No result was recorded for this tool call.]']);
    assert.deepEqual(messages[0], { role: 'user', content: 'Hi\n\n[Result of an earlier tool call]\nOld news.' });
  });

  it('of the deprecated functions find their call by its name', () => {
    const called = (text: string) => ({
      role: 'assistant',
      content: null,
      function_call: { name: 'read', arguments: text },
    });
    const messages = translateChatMessages([
      question,
      called('{"n":1}'),
      { role: 'function', name: 'read', content: 'one' },
      called('{"n":2}'),
      { role: 'function', name: 'read', content: 'two' },
      { role: 'function', name: 'write', content: 'stray' },
    ]);
    assertLegal(messages);
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content]),
      [
        ['user', 'Hi'],
        ['assistant', null],
        ['tool', 'one'],
        ['assistant', null],
        ['tool', 'two'],
        ['user', '[Result of an earlier tool call]\nstray'],
      ],
    );
  });

  it('may hold images, which are lifted into a user message', () => {
    const url = 'data:image/png;base64,iVBORw0KGgo=';
    const messages = translateChatMessages([
      question,
      { role: 'assistant', content: null, tool_calls: [toolCall('a', 'shoot')] },
      { role: 'tool', tool_call_id: 'a', content: [{ type: 'image_url', image_url: { url } }] },
    ]);
    assertLegal(messages);
    assert.deepEqual(messages.at(-1), {
      role: 'user',
      content: [
        { type: 'text', text: 'From the result of the tool shoot:' },
        { type: 'image_url', image_url: { url } },
      ],
    });
  });
});

describe('names and ids', () => {
  it('that upstreams refuse are mapped there and back', () => {
    const long = `mcp__server__${'tool_'.repeat(20)}`;
    const { chat, tools, clientToolName } = translateChatSample(
      {
        tools: [functionTool(long), functionTool('odd name.with:signs')],
        messages: [
          question,
          { role: 'assistant', content: null, tool_calls: [toolCall('functions.x:0', long)] },
          { role: 'tool', tool_call_id: 'functions.x:0', content: 'done' },
        ],
      },
      { profile: { toolCallIds: 'nine-alphanumerics' } },
    );
    const sent = chat.tools?.map((tool) => tool.function.name) ?? [];
    for (const name of sent) assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
    assert.deepEqual(sent.map(clientToolName), [long, 'odd name.with:signs']);
    assert.deepEqual([...tools.keys()], sent);
    const message = chat.messages[1];
    assert.ok(message?.role === 'assistant');
    assert.equal(message.tool_calls?.[0]?.function.name, sent[0]);
    assert.match(message.tool_calls?.[0]?.id ?? '', /^[a-zA-Z0-9]{9}$/);
  });
});

describe('what the pipeline reads of a conversation', () => {
  const history = [
    { role: 'system', content: 'You are a bot.' },
    { role: 'user', content: 'Read notes.txt' },
    { role: 'assistant', content: 'Reading.', tool_calls: [toolCall('a', 'read', '{"file": "notes.txt"}')] },
    { role: 'tool', tool_call_id: 'a', content: 'The tool wrote this.' },
  ];

  it('counts messages, calls, results, tools and images', () => {
    const count = (fields: Record<string, unknown>): number => estimateTokens(conversationOf(chatSample(fields)));
    const whole = count({ messages: history });
    const content = `x${' word'.repeat(200)}`;
    for (const [at, message] of history.entries()) {
      const longer = history.with(at, { ...message, content });
      assert.ok(count({ messages: longer }) > whole + 150, `message ${at}`);
    }
    const calling = history.with(2, {
      role: 'assistant',
      content: 'Reading.',
      tool_calls: [toolCall('a', 'read', JSON.stringify({ file: content }))],
    });
    assert.ok(count({ messages: calling }) > whole + 150, 'arguments');
    const tool = { type: 'function', function: { name: 'read', description: content, parameters: {} } };
    assert.ok(count({ messages: history, tools: [tool] }) > whole + 150, 'tools');
    const sound = { type: 'input_audio', input_audio: { data: 'A'.repeat(1_000_000), format: 'wav' } };
    assert.ok(count({ messages: [{ role: 'user', content: [sound] }] }) < 5_000, 'sound is not read as text');
  });

  it('tells what user and tools wrote from what the model wrote', () => {
    const text = quotableText(conversationOf(chatSample({ messages: history })));
    assert.equal(text, 'Read notes.txt\nThe tool wrote this.');
  });
});

describe('any history', () => {
  function randomMessage(random: Random): Record<string, unknown> {
    const id = () => random.pick(['a', 'b', '', 'functions.read:0', 'call_123456789012']);
    const name = () => random.pick(['read', 'odd name', 'x'.repeat(90), '']);
    const text = () => random.pick(['Hi', '', '\n', 'Go on.']);
    switch (random.below(6)) {
      case 0:
        return { role: random.pick(['system', 'developer']), content: text() };
      case 1:
        return { role: 'user', content: random.chance(0.5) ? text() : [{ type: 'text', text: text() }] };
      case 2:
        return { role: 'tool', tool_call_id: id(), content: text() };
      case 3:
        return { role: 'function', name: name(), content: text() };
      case 4:
        return { role: 'assistant', content: text(), function_call: { name: name(), arguments: text() } };
      default:
        return {
          role: 'assistant',
          content: random.pick([null, 'Hi', '']),
          reasoning_content: random.pick([null, 'Hm.']),
          tool_calls: Array.from({ length: random.below(4) }, () =>
            toolCall(id(), name(), random.pick(['{}', '', '{"a": 1}', 'x'])),
          ),
        };
    }
  }

  it('becomes a legal one', () => {
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const random = new Random(seed);
      const history = Array.from({ length: 1 + random.below(10) }, () => randomMessage(random));
      const profile = {
        systemAnywhere: random.chance(0.5),
        toolCallIds: random.pick(['any', 'kimi', 'nine-alphanumerics'] as const),
      };
      const messages: ChatMessage[] = translateChatMessages([question, ...history], { profile });
      assert.doesNotThrow(() => assertLegal(messages), `seed ${seed}: ${JSON.stringify(history)}`);
    }
  });
});
