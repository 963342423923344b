import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCountTokensRequest, parseMessagesRequest } from '../../../proxy/anthropic/request.ts';
import { StrelkaError } from '../../../proxy/errors.ts';
import { claudeCodeRequest } from '../translate/request-sample.ts';

const least = { model: 'claude-opus-5', max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] };

function refusal(body: unknown): string {
  try {
    parseMessagesRequest(body);
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    assert.equal(error.kind, 'invalid-request');
    return error.message;
  }
  assert.fail('was let through');
}

function withBlock(block: unknown): Record<string, unknown> {
  return { ...least, messages: [{ role: 'user', content: [block] }] };
}

function nested(levels: number): unknown {
  let value: unknown = 'core';
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describe('parseMessagesRequest', () => {
  it('gives a real request back with every field, known or not', () => {
    const body = { ...claudeCodeRequest(), tags: ['a'], fallbacks: null, data_flow: { x: 1 } };
    assert.deepEqual(parseMessagesRequest(body), body);
  });

  it('takes unknown roles, block types, sources, choices and null where a field may be left out', () => {
    const body = {
      ...least,
      messages: [
        { role: 'oracle', content: [{ type: 'hologram', text: 5 }, { type: '__proto__' }] },
        { role: 'user', content: [{ type: 'image', source: { type: 'telepathy' } }] },
        { role: 'assistant', content: [{ type: 'thinking', thinking: 't', signature: 5 }] },
      ],
      system: null,
      tools: null,
      tool_choice: { type: 'whim' },
      thinking: { type: 'between_tools' },
      stop_sequences: null,
      temperature: null,
      metadata: { user_id: null },
      output_config: { effort: null, format: null },
    };
    assert.deepEqual(parseMessagesRequest(body), body);
  });

  const refused: [string, unknown, string][] = [
    ['not an object', 'text', 'request body: Input should be an object'],
    ['a list', [], 'request body: Input should be an object'],
    ['null', null, 'request body: Input should be an object'],
    ['no model', { ...least, model: undefined }, 'model: Field required'],
    ['an empty model', { ...least, model: '' }, 'model: String should have at least 1 character'],
    ['no max_tokens', { ...least, max_tokens: undefined }, 'max_tokens: Field required'],
    ['a textual max_tokens', { ...least, max_tokens: '10' }, 'max_tokens: Input should be a valid number'],
    ['a broken max_tokens', { ...least, max_tokens: 1.5 }, 'max_tokens: Input should be a valid integer'],
    ['a negative max_tokens', { ...least, max_tokens: -1 }, 'max_tokens: Input should be greater than or equal to 0'],
    ['no messages', { ...least, messages: undefined }, 'messages: Field required'],
    ['empty messages', { ...least, messages: [] }, 'messages: at least one message is required'],
    ['messages as text', { ...least, messages: 'Hi' }, 'messages: Input should be a valid list'],
    ['no content', { ...least, messages: [{ role: 'user' }] }, 'messages.0.content: Field required'],
    [
      'content of a wrong type',
      { ...least, messages: [{ role: 'user', content: 5 }] },
      'messages.0.content: Input should be a valid string or list',
    ],
    [
      'a role of a wrong type',
      { ...least, messages: [...least.messages, { role: 1, content: '' }] },
      'messages.1.role: Input should be a valid string',
    ],
    ['a block that is text', withBlock('Hi'), 'messages.0.content.0: Input should be an object'],
    ['a block without type', withBlock({ text: 'Hi' }), 'messages.0.content.0.type: Field required'],
    ['a text without text', withBlock({ type: 'text' }), 'messages.0.content.0.text: Field required'],
    [
      'a text that is a number',
      withBlock({ type: 'text', text: 1 }),
      'messages.0.content.0.text: Input should be a valid string',
    ],
    [
      'an image without data',
      withBlock({ type: 'image', source: { type: 'base64', media_type: 'image/png' } }),
      'messages.0.content.0.source.data: Field required',
    ],
    [
      'a call without name',
      withBlock({ type: 'tool_use', id: 'a', input: {} }),
      'messages.0.content.0.name: Field required',
    ],
    [
      'a result of a wrong type',
      withBlock({ type: 'tool_result', tool_use_id: 'a', content: 5 }),
      'messages.0.content.0.content: Input should be a valid string or list',
    ],
    [
      'a broken block in a result',
      withBlock({ type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: null }] }),
      'messages.0.content.0.content.0.text: Input should be a valid string',
    ],
    [
      'a broken image in a document in a result',
      withBlock({
        type: 'tool_result',
        tool_use_id: 'a',
        content: [{ type: 'document', source: { type: 'content', content: [{ type: 'image', source: 5 }] } }],
      }),
      'messages.0.content.0.content.0.source.content.0.source: Input should be an object',
    ],
    ['system of a wrong type', { ...least, system: 5 }, 'system: Input should be a valid string or list'],
    ['a broken system block', { ...least, system: [{ type: 'text' }] }, 'system.0.text: Field required'],
    ['tools of a wrong type', { ...least, tools: {} }, 'tools: Input should be a valid list'],
    ['a tool without name', { ...least, tools: [{ name: 'a' }, {}] }, 'tools.1.name: Field required'],
    ['a nameless tool', { ...least, tools: [{ name: '' }] }, 'tools.0.name: String should have at least 1 character'],
    ['tool_choice as text', { ...least, tool_choice: 'auto' }, 'tool_choice: Input should be an object'],
    ['a choice of no tool', { ...least, tool_choice: { type: 'tool' } }, 'tool_choice.name: Field required'],
    ['thinking as a switch', { ...least, thinking: true }, 'thinking: Input should be an object'],
    [
      'a stop sequence that is no text',
      { ...least, stop_sequences: ['a', 5] },
      'stop_sequences.1: Input should be a valid string',
    ],
    ['stream as text', { ...least, stream: 'yes' }, 'stream: Input should be a valid boolean'],
    [
      'a format without schema',
      { ...least, output_config: { format: { type: 'json_schema' } } },
      'output_config.format.schema: Field required',
    ],
    [
      'a format with an odd schema',
      { ...least, output_format: { type: 'json_schema', schema: [] } },
      'output_format.schema: Input should be an object',
    ],
  ];
  for (const [name, body, message] of refused)
    it(`refuses ${name} and names the place`, () => assert.equal(refusal(body), message));

  it('refuses a body that is nested so deep that reading it would exhaust the stack', () => {
    assert.match(refusal({ ...least, extra: nested(100_000) }), /nested deeper than 200 levels/);
    assert.doesNotThrow(() => parseMessagesRequest({ ...least, extra: nested(150) }));
  });
});

describe('parseCountTokensRequest', () => {
  it('needs no max_tokens and checks the rest', () => {
    const { max_tokens: _, ...body } = least;
    assert.deepEqual(parseCountTokensRequest(body), body);
    assert.throws(() => parseCountTokensRequest({ ...body, messages: [] }), {
      message: 'messages: at least one message is required',
    });
  });
});
