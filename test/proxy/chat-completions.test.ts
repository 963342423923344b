import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, describe, it } from 'node:test';
import OpenAI, { APIError } from 'openai';
import type { ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { ScriptedAnswer } from '../fakes/chat-answer.ts';
import { type ChatUpstream, type Script, startChatUpstream } from '../fakes/chat-upstream.ts';
import { clientKey, post, type SettingsInput, startTestGateway, type TestGateway } from '../fakes/gateway.ts';

const model = 'zai-org/GLM-4.7';
const question = { model, messages: [{ role: 'user' as const, content: 'Hi' }] };
const tools: ChatCompletionCreateParamsNonStreaming['tools'] = [
  {
    type: 'function',
    function: { name: 'read', parameters: { type: 'object', properties: { file: { type: 'string' } } } },
  },
];
const readCall = { name: 'read', arguments: { file: 'a "b" \\ «c» 🚂.ts' } };

let script: Script = () => ({ text: 'Hello.' });
let upstream: ChatUpstream;
let gateway: TestGateway;
let client: OpenAI;

function clientOf({ url }: TestGateway, apiKey = clientKey): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });
}

/** One gateway more, with other settings. */
async function withGateway(settings: SettingsInput, use: (other: OpenAI) => Promise<void>): Promise<void> {
  const other = await startTestGateway(upstream.url, settings);
  try {
    await use(clientOf(other));
  } finally {
    await other.drain(0);
  }
}

async function failureOf(answer: PromiseLike<unknown>): Promise<APIError> {
  try {
    await answer;
  } catch (error) {
    assert.ok(error instanceof APIError, String(error));
    return error;
  }
  assert.fail('did not fail');
}

/** The data of every event of a raw stream, and what else stood in it. */
async function rawStream(fields: object): Promise<{ status: number; data: string[]; text: string }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${clientKey}` },
    body: JSON.stringify({ ...question, stream: true, ...fields }),
  });
  const text = await response.text();
  const data = text.split('\n\n').flatMap((event) => (event.startsWith('data: ') ? [event.slice(6)] : []));
  return { status: response.status, data, text };
}

before(async () => {
  upstream = await startChatUpstream((request, turn) => script(request, turn));
  gateway = await startTestGateway(upstream.url);
  client = clientOf(gateway);
});
after(async () => {
  await gateway.drain(0);
  await upstream.close();
});
beforeEach(() => {
  script = () => ({ text: 'Hello.' });
});

const answers: Record<string, ScriptedAnswer> = {
  text: { text: 'Hello, «wörld» 🚂.\n' },
  thinking: { reasoning: 'Hm, let me see.', text: 'Hello.' },
  'one call': { text: 'I read it.', toolCalls: [readCall] },
  'calls alone': { text: '\n\n', toolCalls: [readCall, { name: 'read', arguments: {} }] },
  'a cut answer': { text: 'Hello, wor', finish: 'length' },
  'calls in the text': { text: 'I read it.', toolCalls: [readCall], dialect: 'glm-text' },
};

describe('an answer parses with the openai package', () => {
  for (const [name, answer] of Object.entries(answers))
    it(`streamed and whole alike: ${name}`, async () => {
      script = () => ({
        ...answer,
        usage: { prompt_tokens: 100, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 64 } },
      });
      const whole = await client.chat.completions.create({ ...question, tools });
      const streamed = await client.chat.completions
        .stream({ ...question, tools, stream_options: { include_usage: true } })
        .finalChatCompletion();
      const [choice] = whole.choices;
      assert.ok(choice);
      assert.equal(streamed.choices[0]?.finish_reason, choice.finish_reason);
      const { parsed: _, ...message } = streamed.choices[0]?.message ?? { parsed: null };
      const withoutIds = (value: unknown) => JSON.parse(JSON.stringify(value).replace(/"call_[^"]*"/g, '"id"'));
      assert.deepEqual(withoutIds(message), withoutIds(choice.message));
      assert.deepEqual(streamed.usage, whole.usage);
      assert.deepEqual(whole.usage, {
        prompt_tokens: 100,
        completion_tokens: 9,
        total_tokens: 109,
        prompt_tokens_details: { cached_tokens: 64 },
      });

      const calls = answer.toolCalls ?? [];
      assert.equal(whole.model, model);
      assert.match(whole.id, /^chatcmpl-\w+$/);
      assert.equal(choice.finish_reason, answer.finish ?? (calls.length > 0 ? 'tool_calls' : 'stop'));
      assert.equal(choice.message.content?.trim() ?? '', (answer.text ?? '').trim());
      assert.deepEqual(
        (choice.message.tool_calls ?? []).map((call) =>
          call.type === 'function' ? [call.function.name, JSON.parse(call.function.arguments)] : call.type,
        ),
        calls.map((call) => [call.name, call.arguments]),
      );
      if (answer.reasoning) assert.equal(Reflect.get(choice.message, 'reasoning_content'), answer.reasoning);
      if (name === 'calls alone') assert.equal(choice.message.content, null);
    });

  it('in clean chunks that end with usage and [DONE]', async () => {
    const { data, text } = await rawStream({ stream_options: { include_usage: true } });
    assert.equal(data.pop(), '[DONE]');
    assert.ok(text.endsWith('data: [DONE]\n\n'));
    const chunks = data.map((one) => JSON.parse(one));
    assert.deepEqual(chunks[0].choices, [{ index: 0, delta: { role: 'assistant' }, finish_reason: null }]);
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.equal(chunks.at(-1).usage.total_tokens, 1_050);
    assert.deepEqual(chunks.at(-2).choices, [{ index: 0, delta: {}, finish_reason: 'stop' }]);
    assert.ok(!text.includes('null,"refusal"') && !text.includes('"content":null'));
    const silent = await rawStream({});
    assert.ok(!silent.text.includes('usage'));
  });

  it('with the deprecated functions, in their form', async () => {
    script = () => ({ toolCalls: [readCall] });
    const functions = [{ name: 'read', parameters: { type: 'object', properties: {} } }];
    const { choices } = await client.chat.completions.create({ ...question, functions });
    assert.equal(choices[0]?.finish_reason, 'function_call');
    assert.deepEqual(choices[0]?.message.function_call, {
      name: 'read',
      arguments: JSON.stringify(readCall.arguments),
    });
  });
});

describe('a request', () => {
  it('reaches the model that its name is mapped to, and the answer has the name that was asked for', async () => {
    const { model: answered } = await client.chat.completions.create({ ...question, model: 'claude-opus-5', seed: 3 });
    assert.equal(answered, 'claude-opus-5');
    const sent = upstream.requests.at(-1);
    assert.ok(sent);
    assert.match(sent.body.model, /GLM/);
    assert.equal(sent.body.seed, 3);
    assert.equal(sent.headers.authorization, 'Bearer upstream-key');
  });

  for (const name of ['openclaw-last-turn', 'opencode-last-turn', 'opencode-title'])
    it(`of a real client is answered: ${name}`, async () => {
      const file = new URL(`../fixtures/clients/${name}-chat.json`, import.meta.url);
      const { body } = JSON.parse(await readFile(file, 'utf8'));
      let text = '';
      for await (const chunk of client.chat.completions.stream(body)) text += chunk.choices[0]?.delta.content ?? '';
      assert.equal(text, 'Hello.');
      assert.equal(upstream.requests.at(-1)?.body.tools?.length, body.tools?.length);
    });

  it('has its calls under the names that the client knows', async () => {
    const name = `mcp__server__${'tool_'.repeat(20)}`;
    const declared = [
      { type: 'function' as const, function: { name, parameters: { type: 'object', properties: {} } } },
    ];
    script = ({ body }) => ({ toolCalls: [{ name: body.tools?.[0]?.function.name ?? '', arguments: {} }] });
    const { choices } = await client.chat.completions.create({ ...question, tools: declared });
    const [call] = choices[0]?.message.tool_calls ?? [];
    assert.ok(call?.type === 'function');
    assert.equal(call.function.name, name);
    assert.ok((upstream.requests.at(-1)?.body.tools?.[0]?.function.name.length ?? 99) <= 64);
  });

  it('leaves thinking to the model unless DISABLE_THINKING says otherwise', async () => {
    const kwargs = () => upstream.requests.at(-1)?.body.chat_template_kwargs;
    await client.chat.completions.create(question);
    assert.equal(kwargs(), undefined);
    await client.chat.completions.create({ ...question, reasoning_effort: 'none' });
    assert.deepEqual(kwargs(), { enable_thinking: false });
    await withGateway({ thinking: { disabled: true } }, async (other) => {
      await other.chat.completions.create({ ...question, reasoning_effort: 'high' });
      assert.deepEqual(kwargs(), { enable_thinking: false });
    });
  });

  it('is counted with its tools and messages', async () => {
    await client.chat.completions.create(question);
    const long = 'word '.repeat(20_000);
    const wordy = [{ type: 'function' as const, function: { name: 'read', description: long } }];
    const window = { profiles: [{ match: '*', profile: { contextWindow: 30_000, maxOutputTokens: 30_000 } }] };
    await withGateway(window, async (other) => {
      const sent = async (fields: object) => {
        await other.chat.completions.create({ ...question, max_tokens: 20_000, ...fields });
        return Number(upstream.requests.at(-1)?.body.max_tokens);
      };
      assert.equal(await sent({}), 20_000);
      assert.ok((await sent({ tools: wordy })) < 10_000);
      assert.ok((await sent({ messages: [{ role: 'user', content: long }] })) < 10_000);
    });
  });
});

describe('a failure', () => {
  it('of the request is told in its own words, with the field', async () => {
    const error = await failureOf(client.chat.completions.create({ ...question, n: 2 }));
    assert.deepEqual(
      [error.status, error.param, error.code, error.type],
      [400, 'n', 'invalid_request', 'invalid_request_error'],
    );
    const notJson = await post(gateway, '/v1/chat/completions', '{"model":');
    assert.equal(notJson.status, 400);
    assert.match(await notJson.text(), /^\{"error":\{"message":"The request body is not valid JSON/);
  });

  it('of the key is told at once', async () => {
    const error = await failureOf(clientOf(gateway, 'wrong').chat.completions.create(question));
    assert.equal(error.status, 401);
  });

  it('before the first byte has its real status, streamed or not', async () => {
    script = () => ({ status: 429, headers: { 'retry-after': '7' }, body: { error: { message: 'Slow down.' } } });
    for (const stream of [true, false]) {
      const error = await failureOf(client.chat.completions.create({ ...question, stream }));
      assert.equal(error.status, 429);
      assert.equal(error.type, 'rate_limit_error');
      assert.equal(error.headers?.get('retry-after'), '7');
    }
  });

  it('of a prompt that is too long has the code that clients compact by', async () => {
    const message =
      "This model's maximum context length is 202752 tokens. However, your messages resulted in 215000 tokens.";
    script = () => ({ status: 400, body: { error: { message, code: 400 } } });
    const error = await failureOf(client.chat.completions.create(question));
    assert.deepEqual([error.status, error.code], [400, 'context_length_exceeded']);
  });

  it('after the first byte is thrown by the client, and no [DONE] makes a sound answer of it', async () => {
    script = () => ({ text: 'Hello, you are reading the beginning of a long answer.', cutAfterFrames: 4 });
    const { status, data, text } = await rawStream({});
    assert.equal(status, 200);
    assert.ok(!text.includes('[DONE]'));
    assert.equal(JSON.parse(data.at(-1) ?? '').error.type, 'server_error');

    let heard = '';
    const error = await failureOf(
      (async () => {
        for await (const chunk of await client.chat.completions.create({ ...question, stream: true }))
          heard += chunk.choices[0]?.delta.content ?? '';
      })(),
    );
    assert.ok(heard.startsWith('Hello'));
    assert.equal(error.type, 'server_error');
  });

  it('of an unstreamed answer that takes too long is a timeout', async () => {
    const { promise: never, resolve } = Promise.withResolvers<void>();
    script = async ({ signal }) => {
      signal.addEventListener('abort', () => resolve());
      await never;
      return { text: 'Too late.' };
    };
    await withGateway({ timeouts: { totalMs: 50 } }, async (other) => {
      const error = await failureOf(other.chat.completions.create(question));
      assert.equal(error.status, 504);
      assert.match(error.message, /the whole answer/);
    });
    // Resolves only when the gateway has hung up on the upstream.
    await never;
  });
});

describe('GET /v1/models', () => {
  it('is listed for a client that knows a Bearer key only', async () => {
    const { data } = await client.models.list();
    assert.ok(data.some(({ id, object }) => id === 'claude-opus-5' && object === 'model'));
    assert.ok(data.some(({ id }) => id === model));
    assert.equal((await client.models.retrieve('claude-opus-5')).id, 'claude-opus-5');
  });
});
