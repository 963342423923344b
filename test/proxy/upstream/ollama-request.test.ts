import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatRequest } from '../../../proxy/openai/chat-request.ts';
import type { ShownModel } from '../../../proxy/upstream/ollama-client.ts';
import { chooseContext, contextFor, smallerContext } from '../../../proxy/upstream/ollama-context.ts';
import { isSameModel } from '../../../proxy/upstream/ollama-name.ts';
import { writeOllamaRequest } from '../../../proxy/upstream/ollama-request.ts';

const everything = new Set(['completion', 'tools', 'vision', 'thinking']);
const able: ShownModel = { family: 'qwen35', contextLength: 262_144, capabilities: everything };
const pixel = 'iVBORw0KGgo=';

function write(chat: Partial<ChatRequest>, model: Partial<ShownModel> = {}, name = 'qwen3.5:9b') {
  const whole: ChatRequest = { model: name, stream: true, messages: [{ role: 'user', content: 'Hi' }], ...chat };
  return writeOllamaRequest(whole, {
    model: { ...able, ...model },
    streamed: true,
    contextLength: 16_384,
    estimatedInputTokens: 1_000,
    keepAlive: '30m',
  });
}

describe('a request in Ollama’s own form', () => {
  it('never lets Ollama cut the prompt, and keeps the model loaded', () => {
    const { model, stream, truncate, shift, keep_alive, options } = write({});
    assert.deepEqual(
      { model, stream, truncate, shift, keep_alive, options },
      {
        model: 'qwen3.5:9b',
        stream: true,
        truncate: false,
        shift: false,
        keep_alive: '30m',
        options: { num_ctx: 16_384 },
      },
    );
  });

  it('writes calls with arguments as an object, and results with their tool’s name', () => {
    const call = (id: string, name: string, text: string) => ({
      id,
      type: 'function' as const,
      function: { name, arguments: text },
    });
    const { messages } = write({
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'Read both.' },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'Two files.',
          tool_calls: [call('a', 'Read', '{"path":"x"}'), call('b', 'List', ''), call('c', 'Odd', '[1]')],
        },
        { role: 'tool', tool_call_id: 'a', content: 'one' },
        { role: 'tool', tool_call_id: 'b', content: 'two' },
        { role: 'tool', tool_call_id: 'nobody', content: 'three' },
      ],
    });
    assert.deepEqual(messages, [
      { role: 'system', content: 'Be short.' },
      { role: 'user', content: 'Read both.' },
      {
        role: 'assistant',
        content: '',
        thinking: 'Two files.',
        tool_calls: [
          { id: 'a', function: { name: 'Read', arguments: { path: 'x' } } },
          { id: 'b', function: { name: 'List', arguments: {} } },
          { id: 'c', function: { name: 'Odd', arguments: { input: [1] } } },
        ],
      },
      { role: 'tool', content: 'one', tool_name: 'Read', tool_call_id: 'a' },
      { role: 'tool', content: 'two', tool_name: 'List', tool_call_id: 'b' },
      { role: 'tool', content: 'three', tool_call_id: 'nobody' },
    ]);
  });

  it('gives images in base64, and a sentence for what can’t be given', () => {
    const content: NonNullable<ChatRequest['messages'][number]['content']> = [
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
      { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
      { type: 'file', file: { filename: 'c.pdf', file_data: 'data:application/pdf;base64,AA==' } },
    ];
    if (typeof content === 'string') assert.fail('parts are meant');
    const [seen] = write({ messages: [{ role: 'user', content }] }).messages;
    assert.deepEqual(seen?.images, [pixel]);
    assert.match(
      seen?.content ?? '',
      /^What is it\?\n\[An image of the address https:\/\/a\.example\/b\.png .+\n.+c\.pdf/,
    );
    const blind = { capabilities: new Set(['completion']) };
    const [unseen] = write({ messages: [{ role: 'user', content }] }, blind).messages;
    assert.equal(unseen?.images, undefined);
    assert.match(unseen?.content ?? '', /\[An image stood here\./);
    assert.doesNotMatch(unseen?.content ?? '', new RegExp(pixel));
  });

  it('writes limits and sampling as options', () => {
    const chat = { max_tokens: 50_000, temperature: 0.2, top_p: 0.9, top_k: 20, stop: ['END'] };
    const { options } = write({ ...chat, extra: { seed: 7, repetition_penalty: 1.1, logit_bias: {}, min_p: 'x' } });
    assert.deepEqual(options, {
      num_ctx: 16_384,
      num_predict: 15_384,
      temperature: 0.2,
      top_p: 0.9,
      top_k: 20,
      stop: ['END'],
      seed: 7,
      repeat_penalty: 1.1,
    });
    assert.equal(write({ max_completion_tokens: 10 }).options.num_predict, 10);
  });

  const tool = (name: string) => ({
    type: 'function' as const,
    function: { name, description: name, parameters: { type: 'object', properties: {} }, strict: true },
  });

  it('has no tool_choice: none is no tools, a named tool the only one', () => {
    const names = (chat: Partial<ChatRequest>) => write(chat).tools?.map((declared) => declared.function.name);
    const tools = [tool('A'), tool('B')];
    assert.deepEqual(names({ tools }), ['A', 'B']);
    assert.deepEqual(names({ tools, tool_choice: 'required' }), ['A', 'B']);
    assert.equal(names({ tools, tool_choice: 'none' }), undefined);
    assert.deepEqual(names({ tools, tool_choice: { type: 'function', function: { name: 'B' } } }), ['B']);
    assert.deepEqual(names({ tools, tool_choice: { type: 'function', function: { name: 'C' } } }), ['A', 'B']);
    assert.deepEqual(write({ tools: [tool('A')] }).tools?.[0]?.function, {
      name: 'A',
      description: 'A',
      parameters: { type: 'object', properties: {} },
    });
  });

  it('asks for a format, but never beside tools, which it would shut out', () => {
    const schema = { type: 'object', properties: { n: { type: 'integer' } } };
    const json = { type: 'json_schema' as const, json_schema: { name: 'answer', schema } };
    assert.deepEqual(write({ response_format: json }).format, schema);
    assert.equal(write({ response_format: { type: 'json_object' } }).format, 'json');
    assert.equal(write({ response_format: { type: 'text' } }).format, undefined);
    assert.equal(write({ response_format: json, tools: [tool('A')] }).format, undefined);
    assert.deepEqual(write({ response_format: json, tools: [tool('A')], tool_choice: 'none' }).format, schema);
  });

  describe('think', () => {
    const thinks = (chat: Partial<ChatRequest>, model: Partial<ShownModel> = {}, name?: string) =>
      write(chat, model, name).think;

    it('follows whichever switch the request was written with', () => {
      for (const on of [true, false]) {
        assert.equal(thinks({ chat_template_kwargs: { enable_thinking: on } }), on);
        assert.equal(thinks({ chat_template_kwargs: { thinking: on } }), on);
        assert.equal(thinks({ enable_thinking: on }), on);
        assert.equal(thinks({ thinking: { type: on ? 'enabled' : 'disabled' } }), on);
      }
      assert.equal(thinks({ reasoning_effort: 'none' }), false);
      assert.equal(thinks({ reasoning_effort: 'low' }), true);
      assert.equal(thinks({}), undefined);
    });

    it('is left out where the model can’t think, and sent where Ollama is too old to tell', () => {
      const on = { enable_thinking: true };
      assert.equal(thinks(on, { capabilities: new Set(['completion', 'tools']) }), undefined);
      assert.equal(thinks(on, { capabilities: undefined }), true);
    });

    it('is a level for gpt-oss, which has no off', () => {
      const gptOss = { family: 'gptoss' };
      const level = (chat: Partial<ChatRequest>) => thinks(chat, gptOss, 'my-model');
      assert.equal(level({ reasoning_effort: 'high' }), 'high');
      assert.equal(level({ reasoning_effort: 'max' }), 'high');
      assert.equal(level({ reasoning_effort: 'none' }), 'low');
      assert.equal(level({ reasoning_effort: 'surprising' }), 'medium');
      assert.equal(level({ enable_thinking: false }), 'low');
      assert.equal(level({ enable_thinking: true }), 'medium');
      assert.equal(level({}), undefined);
      assert.equal(thinks({ reasoning_effort: 'low' }, { family: '' }, 'gpt-oss:20b'), 'low');
    });
  });
});

describe('num_ctx', () => {
  const free = { limit: 262_144, inUse: 0 };
  const need = (estimatedInputTokens: number, answerTokens?: number) => ({ estimatedInputTokens, answerTokens });

  it('holds prompt and answer, in steps', () => {
    assert.equal(chooseContext(need(100, 1_000), free), 8_192);
    assert.equal(chooseContext(need(7_500, 0), free), 16_384);
    assert.equal(chooseContext(need(20_000, 32_000), free), 65_536);
    assert.equal(chooseContext(need(100), free), 16_384, 'an answer of unknown length gets the usual room');
    assert.equal(contextFor(65_536, free), 65_536);
    assert.equal(contextFor(65_537, free), 131_072);
  });

  it('stays within the limit, whether or not that is a step', () => {
    assert.equal(chooseContext(need(300_000, 1_000), free), 262_144);
    assert.equal(chooseContext(need(150_000, 32_000), { limit: 202_752, inUse: 0 }), 202_752);
    assert.equal(chooseContext(need(10, 10), { limit: 4_096, inUse: 0 }), 4_096);
  });

  it('never shrinks what is loaded, because that would load it anew', () => {
    assert.equal(chooseContext(need(100, 100), { limit: 262_144, inUse: 65_536 }), 65_536);
    assert.equal(chooseContext(need(100, 100), { limit: 32_768, inUse: 65_536 }), 32_768);
  });

  it('halves after a refusal for want of memory, while the prompt still fits', () => {
    assert.equal(smallerContext(65_536, 20_000), 32_768);
    assert.equal(smallerContext(65_536, 40_000), undefined);
    assert.equal(smallerContext(4_096, 10), undefined);
  });
});

it('Ollama’s names are the same with and without what is usual', () => {
  assert.ok(isSameModel('glm-4.7-flash', 'glm-4.7-flash:latest'));
  assert.ok(isSameModel('library/GLM-4.7-Flash', 'registry.ollama.ai/library/glm-4.7-flash:latest'));
  assert.ok(isSameModel('hf.co/a/b:Q4', 'hf.co/a/b:q4'));
  assert.ok(!isSameModel('qwen3-coder', 'qwen3-coder:30b'));
  assert.ok(!isSameModel('me/qwen3-coder', 'qwen3-coder'));
  assert.ok(isSameModel('host:5000/a/b', 'host:5000/a/b:latest'));
});
