import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { delta, done, end, frame, role, say, streamed } from '../../cases/wire.ts';
import { type CaseUpstream, startCaseUpstream } from '../../fakes/case-upstream.ts';
import type { ScriptedAnswer } from '../../fakes/chat-answer.ts';
import { type ChatUpstream, type Script, startChatUpstream } from '../../fakes/chat-upstream.ts';
import { clientKey, startTestGateway, type TestGateway } from '../../fakes/gateway.ts';

/** Anthropic's own client as the oracle: what it parses without a complaint, Claude Code parses too (code-style.md A8). */

let script: Script = () => ({ text: 'Hi' });
let upstream: ChatUpstream;
let gateway: TestGateway;
/** The same behind an upstream that plays raw frames. */
let rawUpstream: CaseUpstream;
let rawGateway: TestGateway;

const model = 'claude-sonnet-5';
const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Hello' }];
const plain = { model, max_tokens: 4096, messages };
const readTool: Anthropic.Tool = {
  name: 'Read',
  description: 'Reads a file',
  input_schema: { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] },
};
const bashTool: Anthropic.Tool = {
  name: 'Bash',
  input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};

function clientOf({ url }: TestGateway, options: { apiKey?: string; maxRetries?: number } = {}): Anthropic {
  return new Anthropic({ baseURL: url, apiKey: clientKey, authToken: null, maxRetries: 0, ...options });
}

before(async () => {
  upstream = await startChatUpstream((request, turn) => script(request, turn), ['zai-org/GLM-4.7', 'x/y']);
  gateway = await startTestGateway(upstream.url);
  rawUpstream = await startCaseUpstream();
  rawGateway = await startTestGateway(rawUpstream.baseUrl);
});

beforeEach(() => {
  script = () => ({ text: 'Hi' });
});

after(async () => {
  await Promise.all([gateway.drain(0), rawGateway.drain(0)]);
  await Promise.all([upstream.close(), rawUpstream.close()]);
});

/** Both ways of asking: the helper that folds a stream, and a request without one. */
const ways = {
  'messages.stream': (client: Anthropic, body: Anthropic.MessageCreateParamsNonStreaming) =>
    client.messages.stream(body).finalMessage(),
  'messages.create': (client: Anthropic, body: Anthropic.MessageCreateParamsNonStreaming) =>
    client.messages.create(body),
};

for (const [way, ask] of Object.entries(ways))
  describe(`the SDK's ${way}`, () => {
    const answerTo = (answer: ScriptedAnswer, body: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) => {
      script = () => answer;
      return ask(clientOf(gateway), { ...plain, ...body });
    };

    it('gets text, usage and the end of the turn', async () => {
      const text = 'Привет, мир 🎉\n\n"quoted" \\ and </tag>';
      const usage = { prompt_tokens: 100, completion_tokens: 7, prompt_tokens_details: { cached_tokens: 60 } };
      const message = await answerTo({ text, usage });
      assert.deepEqual(message.content, [{ type: 'text', text }]);
      assert.deepEqual(
        [message.type, message.role, message.model, message.stop_reason, message.stop_sequence],
        ['message', 'assistant', model, 'end_turn', null],
      );
      assert.match(message.id, /^msg_/);
      const { input_tokens, output_tokens, cache_read_input_tokens } = message.usage;
      assert.deepEqual([input_tokens, output_tokens, cache_read_input_tokens], [40, 7, 60]);
    });

    it('gets thinking with a signature, and may send it back', async () => {
      const thinking = { type: 'enabled', budget_tokens: 1024 } as const;
      const first = await answerTo({ reasoning: 'Hm, well.', text: 'Hi' }, { thinking });
      const [thought, text] = first.content;
      assert.ok(thought?.type === 'thinking');
      assert.equal(thought.thinking, 'Hm, well.');
      assert.notEqual(thought.signature, '');
      assert.deepEqual(text, { type: 'text', text: 'Hi' });
      const history: Anthropic.MessageParam[] = [
        ...messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: 'Go on' },
      ];
      assert.equal((await answerTo({ text: 'Hi' }, { thinking, messages: history })).stop_reason, 'end_turn');
    });

    it('gets one tool call, and may answer it', async () => {
      const toolCalls = [{ name: 'Read', arguments: { file_path: '/tmp/ä "b".txt' } }];
      const first = await answerTo({ text: 'Reading.', toolCalls }, { tools: [readTool] });
      const [text, call] = first.content;
      assert.deepEqual(text, { type: 'text', text: 'Reading.' });
      assert.ok(call?.type === 'tool_use');
      assert.deepEqual(
        [call.name, call.input, first.stop_reason],
        ['Read', { file_path: '/tmp/ä "b".txt' }, 'tool_use'],
      );
      const history: Anthropic.MessageParam[] = [
        ...messages,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'text of the file' }] },
      ];
      await answerTo({ text: 'Done' }, { tools: [readTool], messages: history });
      const sent = upstream.requests.at(-1)?.body.messages ?? [];
      assert.equal(sent.at(-1)?.tool_call_id, sent.at(-2)?.tool_calls?.[0]?.id);
    });

    it('gets parallel tool calls with ids of their own', async () => {
      const toolCalls = [
        { name: 'Read', arguments: { file_path: '/a' }, id: 'call_1' },
        { name: 'Bash', arguments: { command: 'ls' }, id: 'call_1' },
        { name: 'Read', arguments: { file_path: '/b' }, id: '' },
      ];
      const message = await answerTo({ toolCalls }, { tools: [readTool, bashTool] });
      const calls = message.content.filter((block) => block.type === 'tool_use');
      assert.deepEqual(
        calls.map(({ name, input }) => [name, input]),
        toolCalls.map((call) => [call.name, call.arguments]),
      );
      assert.equal(new Set(calls.map(({ id }) => id)).size, 3);
      assert.equal(message.content.length, 3);
    });

    it('gets a call that the model wrote as text', async () => {
      const toolCalls = [{ name: 'Read', arguments: { file_path: '/a' } }];
      const message = await answerTo({ text: 'Reading.', toolCalls, dialect: 'glm-text' }, { tools: [readTool] });
      assert.deepEqual(
        message.content.map((block) => (block.type === 'tool_use' ? block.input : block.type)),
        ['text', { file_path: '/a' }],
      );
      assert.equal(message.stop_reason, 'tool_use');
    });

    it('hears that the answer ran out of tokens', async () => {
      assert.equal((await answerTo({ text: 'Once upon a', finish: 'length' })).stop_reason, 'max_tokens');
    });

    it('hears of a refusal', async () => {
      assert.equal((await answerTo({ text: 'No', finish: 'content_filter' })).stop_reason, 'refusal');
    });

    it('hears which stop sequence was hit', async () => {
      const frames = [role, say('One'), delta({}, 'stop', { stop_reason: '###' }), done];
      rawUpstream.play(streamed('stop', 'stop', frames, []), 'frames');
      const message = await ask(clientOf(rawGateway), { ...plain, stop_sequences: ['END', '###'] });
      assert.deepEqual([message.stop_reason, message.stop_sequence], ['stop_sequence', '###']);
      assert.deepEqual(message.content, [{ type: 'text', text: 'One' }]);
    });

    const failures: readonly (readonly [
      title: string,
      answer: ScriptedAnswer,
      error: unknown,
      type: string,
      words: RegExp,
    ])[] = [
      [
        'a refused key',
        { status: 401, body: { error: { message: 'Invalid API key', code: 'invalid_api_key' } } },
        Anthropic.AuthenticationError,
        'authentication_error',
        /OPENAI_API_KEY/,
      ],
      [
        'a forbidden model',
        { status: 403, body: { detail: 'forbidden' } },
        Anthropic.PermissionDeniedError,
        'permission_error',
        /forbids/,
      ],
      [
        'a missing model',
        { status: 404, body: { error: { message: 'The model `x` does not exist.' } } },
        Anthropic.NotFoundError,
        'not_found_error',
        /does not exist/,
      ],
      [
        'a rate limit',
        { status: 429, headers: { 'retry-after': '7' }, body: { detail: 'slow down' } },
        Anthropic.RateLimitError,
        'rate_limit_error',
        /slow down/,
      ],
      [
        'an empty balance',
        { status: 402, body: { message: 'Payment required' } },
        Anthropic.RateLimitError,
        'billing_error',
        /Top it up/,
      ],
      [
        'an overflow',
        {
          status: 400,
          body: {
            error: {
              message:
                "This model's maximum context length is 131072 tokens. However, you requested 156632 tokens (152536 in the messages, 4096 in the completion).",
            },
          },
        },
        Anthropic.BadRequestError,
        'invalid_request_error',
        /prompt is too long: 152536 tokens > 131072 maximum/,
      ],
      [
        'a refused request',
        { status: 400, body: { error: { message: 'bad role' } } },
        Anthropic.BadRequestError,
        'invalid_request_error',
        /bad role/,
      ],
      [
        'an overload',
        { status: 503, body: { error: 'server busy' } },
        Anthropic.OverloadedError,
        'overloaded_error',
        /server busy/,
      ],
      ['a crash', { status: 500, body: '' }, Anthropic.InternalServerError, 'api_error', /500/],
      [
        'a web page',
        { status: 502, headers: { 'content-type': 'text/html' }, body: '<html><title>502 Bad Gateway</title></html>' },
        Anthropic.InternalServerError,
        'api_error',
        /Bad Gateway/,
      ],
      ['an empty answer', { text: '' }, Anthropic.InternalServerError, 'api_error', /nothing/],
    ];
    for (const [title, answer, kind, type, words] of failures)
      it(`throws its own kind of error for ${title}`, async () => {
        await assert.rejects(answerTo(answer), (error) => {
          assert.ok(error instanceof Anthropic.APIError);
          assert.equal(error.constructor, kind);
          assert.equal(error.type, type);
          assert.match(error.message, words);
          assert.match(error.requestID ?? '', /^req_/);
          assert.equal(error.headers?.get('retry-after') ?? undefined, answer.headers?.['retry-after']);
          return true;
        });
      });

    it('asks again by itself where that may help, and not where it can not', async () => {
      const asked = async (answer: ScriptedAnswer): Promise<number> => {
        const before = upstream.requests.length;
        script = (_request, turn) => (turn === before ? answer : { text: 'Hi' });
        await ask(clientOf(gateway, { maxRetries: 1 }), plain).catch(() => {});
        return upstream.requests.length - before;
      };
      assert.equal(await asked({ status: 503, headers: { 'retry-after': '0' }, body: 'busy' }), 2);
      assert.equal(await asked({ status: 401, body: '' }), 1);
      assert.equal(await asked({ status: 402, body: '' }), 1);
    });

    it('is told that its key is wrong', async () => {
      await assert.rejects(ask(clientOf(gateway, { apiKey: 'wrong' }), plain), Anthropic.AuthenticationError);
    });
  });

describe("the SDK's stream", () => {
  it('brings text, thinking and calls as events, in order', async () => {
    script = () => ({
      reasoning: 'Hm.',
      text: 'Reading the file.',
      toolCalls: [{ name: 'Read', arguments: { file_path: '/a' } }],
    });
    const seen: string[] = [];
    const stream = clientOf(gateway).messages.stream({
      ...plain,
      tools: [readTool],
      thinking: { type: 'enabled', budget_tokens: 1024 },
    });
    stream.on('thinking', (piece) => seen.push(`thinking ${piece}`));
    stream.on('signature', () => seen.push('signature'));
    stream.on('text', (piece) => seen.push(`text ${piece}`));
    stream.on('inputJson', (_piece, snapshot) => seen.push(`input ${JSON.stringify(snapshot)}`));
    stream.on('contentBlock', ({ type }) => seen.push(`end of ${type}`));
    await stream.done();
    const kinds = seen.map((line) => line.split(' ')[0]).filter((kind, at, all) => kind !== all[at - 1]);
    assert.deepEqual(kinds, ['thinking', 'signature', 'end', 'text', 'end', 'input', 'end']);
    const said = seen.filter((line) => line.startsWith('text ')).map((line) => line.slice(5));
    assert.equal(said.join(''), 'Reading the file.');
    assert.ok(seen.includes('input {"file_path":"/a"}'));
  });

  it('begins with an estimate of the prompt and ends with the true counts', async () => {
    script = () => ({ text: 'Hi', usage: { prompt_tokens: 100, completion_tokens: 7 } });
    const events: Anthropic.MessageStreamEvent[] = [];
    for await (const event of await clientOf(gateway).messages.create({ ...plain, stream: true })) events.push(event);
    const [first] = events;
    assert.ok(first?.type === 'message_start' && first.message.usage.input_tokens > 0);
    const last = events.find((event) => event.type === 'message_delta');
    assert.deepEqual([last?.usage.input_tokens, last?.usage.output_tokens], [100, 7]);
    assert.equal(events.at(-1)?.type, 'message_stop');
  });

  const breaks: readonly (readonly [title: string, frames: string[], reset: boolean])[] = [
    ['an error frame', [frame({ error: { message: 'boom', code: 500 } })], false],
    ['an end without a finish reason', [], false],
    ['a reset', [], true],
    ['a network_error', [end('network_error'), done], false],
  ];
  for (const [title, frames, isReset] of breaks)
    it(`ends with an error where the upstream breaks in mid-answer: ${title}`, async () => {
      const sample = streamed(
        'broken',
        title,
        [role, say('Partial'), ...frames],
        [],
        isReset ? { disconnect: 'reset' } : {},
      );
      rawUpstream.play(sample, 'frames');
      const stream = clientOf(rawGateway).messages.stream(plain);
      let said = '';
      stream.on('text', (piece) => {
        said += piece;
      });
      await assert.rejects(stream.finalMessage(), (error) => {
        assert.ok(error instanceof Anthropic.APIError);
        // Both make clients ask again (protocol.md 1.8).
        assert.match(error.type ?? '', /^(?:api|overloaded)_error$/);
        return true;
      });
      assert.equal(said, 'Partial');
    });

  it('takes the upstream request along when it is aborted', async () => {
    const arrived = Promise.withResolvers<AbortSignal>();
    const held = Promise.withResolvers<void>();
    script = async ({ signal }) => {
      arrived.resolve(signal);
      await held.promise;
      return { text: 'Too late' };
    };
    const stream = clientOf(gateway).messages.stream(plain);
    const ended = assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
    const signal = await arrived.promise;
    const aborted = once(signal, 'abort');
    stream.abort();
    await Promise.all([ended, aborted]);
    held.resolve();
  });
});

describe("the SDK's other calls", () => {
  it('count tokens', async () => {
    const client = clientOf(gateway);
    const short = await client.messages.countTokens({ model, messages });
    const long = await client.messages.countTokens({
      model,
      messages,
      tools: [readTool],
      system: 'word '.repeat(1_000),
    });
    assert.ok(short.input_tokens > 0 && short.input_tokens < 100, String(short.input_tokens));
    assert.ok(long.input_tokens > 1_000 && long.input_tokens < 1_500, String(long.input_tokens));
    await assert.rejects(client.messages.countTokens({ model, messages: [] }), Anthropic.BadRequestError);
  });

  it('list models', async () => {
    const client = clientOf(gateway);
    const ids: string[] = [];
    for await (const { id, type, display_name } of client.models.list({ limit: 1000 })) {
      assert.equal(type, 'model');
      assert.notEqual(display_name, '');
      ids.push(id);
    }
    assert.ok(ids.length > 0);
    const [first = ''] = ids;
    assert.equal((await client.models.retrieve(first)).id, first);
    await assert.rejects(client.models.retrieve('no-such-model'), Anthropic.NotFoundError);
  });
});
