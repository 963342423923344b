import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatRequest } from '../../../proxy/openai/chat-request.ts';
import { RefusedFields } from '../../../proxy/upstream/refused-fields.ts';
import { startChatUpstream } from '../../fakes/chat-upstream.ts';
import { post, startTestGateway } from '../../fakes/gateway.ts';

const chat: ChatRequest = {
  model: 'm',
  stream: true,
  stream_options: { include_usage: true },
  chat_template_kwargs: { enable_thinking: false },
  temperature: 0.7,
  tools: [{ type: 'function', function: { name: 'Read', parameters: { type: 'object' }, strict: true } }],
  messages: [
    { role: 'user', content: 'thinking about temperature' },
    { role: 'assistant', content: 'a', reasoning_content: 'r' },
  ],
};

const refusals: [string, number, unknown, (left: ChatRequest) => void][] = [
  [
    'OpenAI: unrecognized request argument',
    400,
    { error: { message: 'Unrecognized request argument supplied: stream_options', type: 'invalid_request_error' } },
    (left) => assert.equal(left.stream_options, undefined),
  ],
  [
    'pydantic: extra_forbidden with its place',
    422,
    {
      detail: [
        { type: 'extra_forbidden', loc: ['body', 'chat_template_kwargs'], msg: 'Extra inputs are not permitted' },
      ],
    },
    (left) => assert.equal(left.chat_template_kwargs, undefined),
  ],
  [
    'OpenAI: unsupported value, with param',
    400,
    { error: { message: 'Unsupported value: only the default is supported.', param: 'temperature' } },
    (left) => assert.equal(left.temperature, undefined),
  ],
  [
    'a field of a message',
    400,
    { error: { message: "property 'reasoning_content' is unsupported (messages.1)" } },
    (left) => assert.deepEqual(left.messages[1], { role: 'assistant', content: 'a' }),
  ],
  [
    'a field of a tool',
    400,
    { message: 'tools.0.function.strict: extra fields not permitted' },
    (left) => assert.equal(left.tools?.[0]?.function.strict, undefined),
  ],
];

describe('refused fields', () => {
  for (const [title, status, body, check] of refusals)
    it(`are left out after: ${title}`, () => {
      const refused = new RefusedFields();
      assert.equal(refused.without(chat), chat);
      assert.ok(refused.learn(chat, status, body));
      check(refused.without(chat));
      assert.deepEqual(refused.without({ ...chat, model: 'other' }), { ...chat, model: 'other' });
      assert.equal(refused.learn(refused.without(chat), status, body), false, 'the same field is not blamed twice');
    });

  for (const [title, status, body] of [
    ['a complaint without a field', 400, { error: { message: 'Unsupported something' } }],
    ['a field without a refusal', 400, { error: { message: 'temperature must be at most 2' } }],
    ['a longer name that holds a field', 400, { error: { message: 'unknown parameter my_temperature_x' } }],
    ['another status', 429, { error: { message: 'unsupported: temperature' } }],
  ] as const)
    it(`are not read into ${title}`, () => {
      assert.equal(new RefusedFields().learn(chat, status, body), false);
    });

  it('cost a client nothing: the request is sent again without them, and later ones at once', async () => {
    await using upstream = await startChatUpstream(({ body }) =>
      body.stream_options
        ? { status: 400, body: { error: { message: 'Unrecognized request argument supplied: stream_options' } } }
        : { text: 'Hello' },
    );
    const gateway = await startTestGateway(upstream.url);
    const request = { model: 'claude-opus-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
    for (const expected of [2, 3]) {
      const response = await post(gateway, '/v1/messages', request);
      assert.equal(response.status, 200);
      const message = (await response.json()) as { content: { text: string }[] };
      assert.equal(message.content[0]?.text, 'Hello');
      assert.equal(upstream.requests.length, expected);
    }
    await gateway.drain(0);
  });
});
