import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { parseChatCompletionsRequest, unknownFields } from '../../../proxy/openai/request.ts';

const least = { model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }] };

function refusal(body: unknown): { message: string; param: string | undefined } {
  try {
    parseChatCompletionsRequest(body);
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    assert.equal(error.kind, 'invalid-request');
    return { message: error.message, param: error.detail.param };
  }
  assert.fail('was let through');
}

function withMessage(message: unknown): Record<string, unknown> {
  return { ...least, messages: [message] };
}

describe('parseChatCompletionsRequest', () => {
  for (const name of ['openclaw-last-turn', 'opencode-last-turn', 'opencode-title'])
    it(`gives the real request of ${name} back with every field`, async () => {
      const file = new URL(`../../fixtures/clients/${name}-chat.json`, import.meta.url);
      const { body } = JSON.parse(await readFile(file, 'utf8'));
      assert.deepEqual(parseChatCompletionsRequest(body), body);
    });

  it('takes fields, parts and formats that it does not know, and null where a field may be left out', () => {
    const body = {
      model: 'gpt-5',
      messages: [
        { role: 'user', content: [{ type: 'hologram', depth: 3 }], mood: 'good' },
        { role: 'assistant', content: null, tool_calls: null, function_call: null, audio: { id: 'a' } },
        { role: 'user', content: null },
      ],
      tools: [{ type: 'web_search', web_search: {} }],
      response_format: { type: 'structural_tag', structures: [] },
      tool_choice: null,
      stop: null,
      max_tokens: null,
      temperature: null,
      stream_options: null,
      seed: 5,
      made_up: { a: [1] },
    };
    assert.deepEqual(parseChatCompletionsRequest(body), body);
  });

  const faults: [what: string, body: unknown, message: string | RegExp, param: string | undefined][] = [
    ['a list', [], 'Invalid type for the request body: expected an object, but got an array instead.', undefined],
    ['null', null, 'Invalid type for the request body: expected an object, but got null instead.', undefined],
    ['no model', { messages: least.messages }, "Missing required parameter: 'model'.", 'model'],
    ['no messages', { model: 'm' }, "Missing required parameter: 'messages'.", 'messages'],
    ['empty messages', { ...least, messages: [] }, /^Invalid 'messages': empty array\./, 'messages'],
    ['an empty model', { ...least, model: '' }, /^Invalid 'model': empty string\./, 'model'],
    [
      'an unknown role',
      withMessage({ role: 'oracle', content: 'Hi' }),
      /^Invalid value: 'oracle'\. Supported values are: 'system', .*, and 'developer'\.$/,
      'messages[0].role',
    ],
    [
      'a number as content',
      withMessage({ role: 'user', content: 5 }),
      "Invalid type for 'messages[0].content': expected one of a string or an array, but got an integer instead.",
      'messages[0].content',
    ],
    [
      'a part without a type',
      withMessage({ role: 'user', content: [{ text: 'Hi' }] }),
      "Missing required parameter: 'messages[0].content[0].type'.",
      'messages[0].content[0].type',
    ],
    [
      'a text part without text',
      withMessage({ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text' }] }),
      "Missing required parameter: 'messages[0].content[1].text'.",
      'messages[0].content[1].text',
    ],
    [
      'an image without an address',
      withMessage({ role: 'user', content: [{ type: 'image_url', image_url: { url: false } }] }),
      "Invalid type for 'messages[0].content[0].image_url.url': expected a string, but got a boolean instead.",
      'messages[0].content[0].image_url.url',
    ],
    [
      'a result without a call',
      withMessage({ role: 'tool', content: 'x' }),
      "Missing required parameter: 'messages[0].tool_call_id'.",
      'messages[0].tool_call_id',
    ],
    [
      'a result of a nameless function',
      withMessage({ role: 'function', content: 'x' }),
      "Missing required parameter: 'messages[0].name'.",
      'messages[0].name',
    ],
    [
      'a call of nothing',
      withMessage({ role: 'assistant', tool_calls: [{ id: 'a' }] }),
      "Missing required parameter: 'messages[0].tool_calls[0].function'.",
      'messages[0].tool_calls[0].function',
    ],
    [
      'arguments that are no text',
      withMessage({ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f', arguments: {} } }] }),
      "Invalid type for 'messages[0].tool_calls[0].function.arguments': expected a string, but got an object instead.",
      'messages[0].tool_calls[0].function.arguments',
    ],
    [
      'a tool without a function',
      { ...least, tools: [{ type: 'function', name: 'f' }] },
      "Missing required parameter: 'tools[0].function'.",
      'tools[0].function',
    ],
    [
      'a format without a schema',
      { ...least, response_format: { type: 'json_schema' } },
      "Missing required parameter: 'response_format.json_schema'.",
      'response_format.json_schema',
    ],
    [
      'a temperature as text',
      { ...least, temperature: '1' },
      "Invalid type for 'temperature': expected a decimal, but got a string instead.",
      'temperature',
    ],
    [
      'half a token',
      { ...least, max_tokens: 1.5 },
      "Invalid type for 'max_tokens': expected an integer, but got a decimal instead.",
      'max_tokens',
    ],
    [
      'no tokens',
      { ...least, max_completion_tokens: 0 },
      "Invalid 'max_completion_tokens': value below minimum. Expected a value >= 1, but got 0 instead.",
      'max_completion_tokens',
    ],
    [
      'a number to stop at',
      { ...least, stop: ['a', 5] },
      "Invalid type for 'stop[1]': expected a string, but got an integer instead.",
      'stop[1]',
    ],
    ['several answers', { ...least, n: 2 }, /^Invalid 'n': Strelka gives one answer/, 'n'],
    ['log probabilities', { ...least, logprobs: true }, /^Invalid 'logprobs'/, 'logprobs'],
    ['sound', { ...least, modalities: ['text', 'audio'] }, /^Invalid 'modalities'/, 'modalities'],
  ];
  for (const [what, body, message, param] of faults)
    it(`refuses ${what} in OpenAI's words`, () => {
      const found = refusal(body);
      if (typeof message === 'string') assert.equal(found.message, message);
      else assert.match(found.message, message);
      assert.equal(found.param, param);
    });

  it('refuses a body that is nested too deep, and takes one that is not', () => {
    const nested = (levels: number): unknown => (levels === 0 ? 'core' : [nested(levels - 1)]);
    assert.match(refusal({ ...least, made_up: nested(300) }).message, /deeper than 200 levels/);
    assert.ok(parseChatCompletionsRequest({ ...least, made_up: nested(150) }));
  });

  it('tells one answer, no log probabilities and text from what it refuses', () => {
    assert.ok(parseChatCompletionsRequest({ ...least, n: 1, logprobs: false, modalities: ['text'] }));
  });
});

describe('unknownFields', () => {
  it('holds what Strelka does not read, without nulls', () => {
    const request = parseChatCompletionsRequest({ ...least, stream: true, n: 1, seed: 0, min_p: null, store: false });
    assert.deepEqual(unknownFields(request), { seed: 0, store: false });
  });
});
