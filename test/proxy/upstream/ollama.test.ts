import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, it, type TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { StrelkaError } from '../../../proxy/errors.ts';
import { Connections } from '../../../proxy/upstream/connection.ts';
import { Ollama } from '../../../proxy/upstream/ollama.ts';
import type { UpstreamCall } from '../../../proxy/upstream/upstream.ts';
import { clientKey, post, type SettingsInput, startTestGateway } from '../../fakes/gateway.ts';
import {
  coder,
  type FakeModel,
  type FakeOllama,
  harmony,
  type OllamaAnswer,
  type OllamaScript,
  seer,
  startFakeOllama,
  thinker,
} from '../../fakes/ollama.ts';

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const readTool = {
  name: 'Read',
  description: 'Reads a file.',
  input_schema: { type: 'object' as const, properties: { path: { type: 'string' } }, required: ['path'] },
};

/** A real gateway whose only upstream is the fake; every name goes to the model. */
async function open(
  t: TestContext,
  script?: OllamaScript,
  { model = coder.name, settings = {} }: { model?: string; settings?: SettingsInput } = {},
) {
  const ollama = await startFakeOllama(script);
  const target = [{ upstream: 'ollama', model }];
  const gateway = await startTestGateway(ollama.url, {
    upstreams: [{ id: 'ollama', kind: 'ollama', baseUrl: ollama.url, headers: {} }],
    mapping: { big: target, middle: target, small: target },
    ...settings,
  });
  t.after(() => gateway.drain(0));
  t.after(() => ollama.close());
  const ask = (body: object = {}) =>
    post(gateway, '/v1/messages', {
      model: 'claude-opus-5',
      max_tokens: 1_000,
      messages: [{ role: 'user', content: 'Hi' }],
      ...body,
    });
  return { ollama, gateway, ask };
}

function lastChat(ollama: FakeOllama) {
  const chat = ollama.chats.at(-1);
  assert.ok(chat, 'Ollama was asked');
  return chat;
}

async function errorOf(response: Response): Promise<{ status: number; type: string; message: string }> {
  const { error } = JSON.parse(await response.text());
  return { status: response.status, type: error.type, message: error.message };
}

describe('a Messages request answered by Ollama', () => {
  it('answers text, streamed and not, and tells the counts', async (t) => {
    const { ollama, gateway, ask } = await open(t, () => ({
      text: 'Привет from the local model.',
      usage: { prompt_eval_count: 33, eval_count: 9 },
    }));
    const whole = JSON.parse(await (await ask()).text());
    assert.deepEqual(whole.content, [{ type: 'text', text: 'Привет from the local model.' }]);
    assert.equal(whole.stop_reason, 'end_turn');
    assert.deepEqual([whole.usage.input_tokens, whole.usage.output_tokens], [33, 9]);

    const client = new Anthropic({ baseURL: gateway.url, apiKey: clientKey, maxRetries: 0 });
    const message = await client.messages
      .stream({ model: 'claude-haiku-4-5', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] })
      .finalMessage();
    assert.equal(message.content[0]?.type === 'text' && message.content[0].text, 'Привет from the local model.');
    assert.equal(lastChat(ollama).options?.num_predict, 50);
    assert.equal(lastChat(ollama).stream, true);
  });

  it('thinks where it is asked to and can', async (t) => {
    const { ollama, ask } = await open(
      t,
      ({ think }) => ({ text: 'Four.', ...(think && { thinking: 'Two and two.' }) }),
      { model: thinker.name },
    );
    const on = JSON.parse(
      await (await ask({ thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 2_048 })).text(),
    );
    assert.equal(lastChat(ollama).think, true);
    assert.deepEqual(
      on.content.map((block: { type: string }) => block.type),
      ['thinking', 'text'],
    );
    assert.equal(on.content[0].thinking, 'Two and two.');
    await ask();
    assert.equal(lastChat(ollama).think, false);
  });

  it('asks gpt-oss for a level', async (t) => {
    const { ollama, ask } = await open(t, undefined, { model: harmony.name });
    await ask({ output_config: { effort: 'high' } });
    assert.equal(lastChat(ollama).think, 'high');
  });

  it('calls tools, several in one answer, and takes their results back', async (t) => {
    const { ollama, ask } = await open(t, ({ messages }) =>
      messages.at(-1)?.role === 'tool'
        ? { text: 'Both read.' }
        : {
            text: 'I look.',
            toolCalls: [
              { name: 'Read', arguments: { path: 'a "b".txt' } },
              { name: 'Read', arguments: { path: 'c.txt' } },
            ],
          },
    );
    for (const stream of [false, true]) {
      const response = await ask({ tools: [readTool], stream });
      const text = await response.text();
      const calls = stream ? (text.match(/"type":"tool_use"/g) ?? []).length : JSON.parse(text).content.length - 1;
      assert.equal(calls, 2, text);
      assert.match(text, /"stop_reason":"tool_use"/);
    }
    const first = JSON.parse(await (await ask({ tools: [readTool] })).text());
    const [, one, two] = first.content;
    assert.deepEqual([one.input, two.input], [{ path: 'a "b".txt' }, { path: 'c.txt' }]);
    assert.ok(one.id !== '' && one.id !== two.id, 'each call has an id of its own');
    const result = (id: string, content: string) => ({ type: 'tool_result', tool_use_id: id, content });
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: [result(one.id, 'one'), result(two.id, 'two')] },
    ];
    const second = JSON.parse(await (await ask({ tools: [readTool], messages })).text());
    assert.deepEqual(second.content, [{ type: 'text', text: 'Both read.' }]);
    const sent = lastChat(ollama).messages;
    assert.deepEqual(
      sent.find((message) => message.role === 'assistant')?.tool_calls?.map((call) => call.function),
      [
        { name: 'Read', arguments: { path: 'a "b".txt' } },
        { name: 'Read', arguments: { path: 'c.txt' } },
      ],
    );
    assert.deepEqual(
      sent.filter((message) => message.role === 'tool').map(({ tool_name, content }) => [tool_name, content]),
      [
        ['Read', 'one'],
        ['Read', 'two'],
      ],
    );
  });

  it('shows images to a model that sees', async (t) => {
    const { ollama, ask } = await open(t, undefined, {
      model: seer.name,
      settings: { profiles: [{ match: seer.name, profile: { vision: true } }] },
    });
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } };
    const content = [{ type: 'text', text: 'What is it?' }, image];
    assert.equal((await ask({ messages: [{ role: 'user', content }] })).status, 200);
    assert.deepEqual(lastChat(ollama).messages.at(-1)?.images, [pixel]);
  });

  it('hands the schema of a structured answer on', async (t) => {
    const { ollama, ask } = await open(t, () => ({ text: '{"n":1}' }));
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    await ask({ output_config: { format: { type: 'json_schema', schema } } });
    assert.deepEqual(lastChat(ollama).format, schema);
  });

  it('ends as max_tokens where the model ran out of them', async (t) => {
    const { ask } = await open(t, () => ({ text: 'Half', doneReason: 'length' }));
    assert.equal(JSON.parse(await (await ask()).text()).stop_reason, 'max_tokens');
  });
});

describe('num_ctx over several requests', () => {
  const contextOf = (ollama: FakeOllama) => lastChat(ollama).options?.num_ctx;
  const long = { messages: [{ role: 'user', content: 'word '.repeat(20_000) }] };

  it('grows with the need and stays while the model is warm', async (t) => {
    const { ollama, ask } = await open(t);
    await ask();
    assert.equal(contextOf(ollama), 8_192);
    await ask(long);
    const grown = contextOf(ollama);
    assert.equal(grown, 32_768);
    await ask();
    assert.equal(contextOf(ollama), grown, 'a short request does not load the model anew');
    assert.deepEqual(
      [lastChat(ollama).keep_alive, lastChat(ollama).truncate, lastChat(ollama).shift],
      ['30m', false, false],
    );
  });

  it('takes what another program has loaded the model for', async (t) => {
    const { ollama, ask } = await open(t);
    ollama.loaded.set(coder.name, 65_536);
    await ask();
    assert.equal(contextOf(ollama), 65_536);
  });

  it('is at most what the settings and the model allow', async (t) => {
    const standby = { keepAlive: '-1s', maxContext: 20_000 };
    const { ollama, ask } = await open(t, undefined, { settings: { standby } });
    await ask({ ...long, max_tokens: 30_000 });
    assert.equal(contextOf(ollama), 20_000);
    assert.equal(lastChat(ollama).keep_alive, '-1s');
  });

  it('halves where the memory does not suffice, and is remembered', async (t) => {
    const { ollama, ask } = await open(t, ({ options }) =>
      (options?.num_ctx ?? 0) > 16_384
        ? { status: 500, body: { error: 'model requires more system memory (21.0 GiB) than is available (18.2 GiB)' } }
        : { text: 'Fits.' },
    );
    assert.equal((await ask({ max_tokens: 60_000 })).status, 200);
    assert.deepEqual(
      ollama.chats.map(({ options }) => options?.num_ctx),
      [65_536, 32_768, 16_384],
    );
    assert.equal((await ask({ max_tokens: 60_000 })).status, 200);
    assert.equal(ollama.chats.length, 4);
  });
});

describe('what goes wrong with Ollama', () => {
  const failing: [string, OllamaAnswer, number, string, RegExp][] = [
    [
      'a prompt that is too long, in words that make the client compact',
      {
        status: 400,
        body: {
          error:
            'the prompt is longer than the context length currently available to the model; shorten the prompt or increase the context length',
        },
      },
      400,
      'invalid_request_error',
      /^prompt is too long: \d+ tokens > 8192 maximum$/,
    ],
    [
      'a full queue',
      { status: 503, body: { error: 'server busy, please try again.  maximum pending requests exceeded' } },
      529,
      'overloaded_error',
      /busy/,
    ],
    [
      'too little memory for even a short prompt',
      { status: 500, body: { error: 'model requires more system memory (21.0 GiB) than is available (8.2 GiB)' } },
      502,
      'api_error',
      /does not fit into this computer's memory.+standby\.maxContext/,
    ],
    [
      'a crash',
      { status: 500, body: { error: 'llama runner process has terminated: exit status 2' } },
      502,
      'api_error',
      /exit status 2/,
    ],
    [
      'a model of the cloud without a login',
      { status: 401, body: { error: 'unauthorized' } },
      401,
      'authentication_error',
      /ollama signin/,
    ],
    [
      'an error as its first line',
      { rawLines: ['{"error":"unexpected EOF"}'], omitDone: true },
      502,
      'api_error',
      /unexpected EOF/,
    ],
    ['an end before the first line', { omitDone: true }, 502, 'api_error', /ended the connection in the middle/],
    [
      'a reset in the middle',
      { text: 'Hello there', cutAfterLines: 1 },
      502,
      'api_error',
      /broke in the middle|closed the connection/,
    ],
    [
      'an end in the middle',
      { text: 'Hello there', omitDone: true },
      502,
      'api_error',
      /ended the connection in the middle/,
    ],
    [
      'an end behind a whole call: more may have been to come',
      { toolCalls: [{ name: 'Read', arguments: { path: 'a' } }], omitDone: true },
      502,
      'api_error',
      /ended the connection in the middle/,
    ],
    ['no answer at all', {}, 502, 'api_error', /nothing at all/],
    ['a page', { body: '<html><title>Router</title></html>' }, 502, 'api_error', /is no Ollama/],
  ];
  for (const [name, answer, status, type, words] of failing)
    it(`${name}: ${status} ${type}`, async (t) => {
      const { ask } = await open(t, () => answer);
      const error = await errorOf(await ask({ tools: [readTool] }));
      assert.deepEqual([error.status, error.type], [status, type], error.message);
      assert.match(error.message, words);
    });

  it('a missing model: 404 with the command that fetches it', async (t) => {
    const { ask } = await open(t, undefined, { model: 'llama9:7b' });
    const error = await errorOf(await ask());
    assert.deepEqual([error.status, error.type], [404, 'not_found_error']);
    assert.match(error.message, /ollama pull llama9:7b$/);
  });

  it('a model without tools is told apart from a request that is wrong', async (t) => {
    const { ollama, ask } = await open(t, undefined, { model: 'plain' });
    ollama.models = [{ name: 'plain:latest', contextLength: 8_192, capabilities: ['completion'] }];
    const error = await errorOf(await ask({ tools: [readTool] }));
    assert.deepEqual([error.status, error.type], [404, 'not_found_error']);
    assert.match(error.message, /can't call tools/);
    assert.equal((await ask()).status, 200);
  });

  it('an Ollama too old to list capabilities is asked once more without think', async (t) => {
    const old: FakeModel = { name: 'glm-old:latest', contextLength: 32_768 };
    const { ollama, ask } = await open(t, undefined, { model: 'glm-old' });
    ollama.models = [old];
    const thinking = { thinking: { type: 'enabled', budget_tokens: 1_024 }, max_tokens: 2_048 };
    assert.equal((await ask(thinking)).status, 200);
    assert.equal(lastChat(ollama).think, undefined);
    assert.equal((await ask(thinking)).status, 200);
    assert.equal(ollama.paths.filter((path) => path === 'POST /api/chat').length, 3, 'it is learnt');
  });

  it('an Ollama that does not run: says so, and how to start it', async (t) => {
    const { ollama, ask } = await open(t);
    await ollama.close();
    const error = await errorOf(await ask());
    assert.deepEqual([error.status, error.type], [502, 'api_error']);
    assert.match(error.message, /^Ollama is not running at 127\.0\.0\.1:\d+\. Start it with: ollama serve$/);
  });

  it('an error behind the first words ends the stream as an error event, never as an end', async (t) => {
    const { ask } = await open(t, () => ({
      text: 'Hello there',
      rawLines: ['{"error":"out of memory"}'],
      omitDone: true,
    }));
    const text = await (await ask({ stream: true })).text();
    assert.match(text, /Hello/);
    assert.match(text, /event: error/);
    assert.doesNotMatch(text, /message_stop/);
  });
});

/** Asks the upstream itself, for what a gateway hides. */
function direct(t: TestContext, baseUrl: string) {
  const connections = new Connections(1_000);
  t.after(() => connections.destroy());
  const ollama = new Ollama({
    id: 'o',
    name: 'Ollama',
    baseUrl,
    headers: {},
    connections,
    keepAlive: '5m',
    maxContext: null,
  });
  const call: UpstreamCall = {
    chat: { model: coder.name, stream: true, messages: [{ role: 'user', content: 'Hi' }] },
    streamed: true,
    signal: new AbortController().signal,
    timeouts: { firstByteMs: 30, idleMs: 30, totalMs: 30 },
    facts: { contextWindow: 1_000, estimatedInputTokens: 2 },
  };
  return { ollama, call };
}

describe('patience', () => {
  const kindOf = (thrown: unknown) => (thrown instanceof StrelkaError ? thrown.kind : String(thrown));

  it('a warm model has the first byte’s time; a cold one the time to load', async (t) => {
    const gate = Promise.withResolvers<OllamaAnswer>();
    const coldIsAsking = Promise.withResolvers<void>();
    const fake = await startFakeOllama((_body, turn) => {
      if (turn === 1) coldIsAsking.resolve();
      return gate.promise;
    });
    t.after(() => fake.close());
    const warm = direct(t, fake.url);
    fake.loaded.set(coder.name, 65_536);
    assert.equal(await warm.ollama.ask(warm.call).catch(kindOf), 'upstream-timeout');

    fake.loaded.clear();
    const unloaded = direct(t, fake.url);
    const cold = unloaded.ollama.ask(unloaded.call);
    await coldIsAsking.promise;
    // Another warm one runs into the same time while the cold one waits on.
    fake.loaded.set(coder.name, 65_536);
    const other = direct(t, fake.url);
    assert.equal(await other.ollama.ask(other.call).catch(kindOf), 'upstream-timeout');
    gate.resolve({ text: 'Loaded.' });
    const values: unknown[] = [];
    for await (const batch of (await cold).chunks) values.push(...batch);
    assert.match(JSON.stringify(values), /"finish_reason":"stop"/);
  });

  it('a client that leaves ends the request at Ollama too', async (t) => {
    const left = Promise.withResolvers<void>();
    const server = createServer((request, response) => {
      if (request.url === '/api/show') response.end('{}');
      else if (request.url === '/api/ps') response.end('{"models":null}');
      else {
        response.once('close', () => left.resolve());
        response.writeHead(200).write('{"message":{"content":"a"},"done":false}\n');
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { ollama, call } = direct(t, `http://127.0.0.1:${port}/v1/`);
    const leaving = new AbortController();
    const answer = await ollama.ask({
      ...call,
      signal: leaving.signal,
      timeouts: { firstByteMs: 9e5, idleMs: 9e5, totalMs: 9e5 },
    });
    const chunks = answer.chunks[Symbol.asyncIterator]();
    assert.equal((await chunks.next()).done, false);
    leaving.abort(new StrelkaError('client-left', 'The client left.'));
    assert.equal(await chunks.next().catch(kindOf), 'client-left');
    await left.promise;
  });
});

it('an address where something else answers is told as such', async (t) => {
  const server = createServer((_request, response) => response.writeHead(404).end('Not Found'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const { ollama, call } = direct(t, `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  await assert.rejects(ollama.ask(call), /is no Ollama \(404\)\. Check OLLAMA_BASE_URL/);
  await assert.rejects(ollama.listModels(call.signal), /Check OLLAMA_BASE_URL/);
});

it('in demo mode the simulated Ollama stands in for the real one', async (t) => {
  const gateway = await startTestGateway(undefined, {
    upstreams: [
      { id: 'cloudru', kind: 'cloudru', baseUrl: 'http://127.0.0.1:1/v1', headers: {} },
      { id: 'local', kind: 'ollama', baseUrl: 'http://127.0.0.1:1', headers: {} },
    ],
    mapping: { patterns: [{ match: 'local', to: { upstream: 'local', model: 'qwen3-coder:30b' } }] },
  });
  t.after(() => gateway.drain(0));
  const body = { model: 'local', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
  const answer = JSON.parse(await (await post(gateway, '/v1/messages', body)).text());
  assert.match(answer.content[0].text, /^\[demo\] .*Ollama/);
});
