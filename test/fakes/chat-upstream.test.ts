import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { describe, it } from 'node:test';
import OpenAI from 'openai';
import type { ScriptedAnswer } from './chat-answer.ts';
import { type ChatUpstream, type Script, startChatUpstream } from './chat-upstream.ts';

const ask = { model: 'zai-org/GLM-4.7', messages: [{ role: 'user' as const, content: 'Hi' }] };
const readCall = { name: 'Read', arguments: { file_path: '/p/файл.txt', limit: 5 } };
const editCall = { name: 'Edit', arguments: { old: 'a\nb', all: true } };

function sdk(upstream: ChatUpstream): OpenAI {
  return new OpenAI({ baseURL: upstream.url, apiKey: 'k', maxRetries: 0 });
}

async function stream(answer: ScriptedAnswer) {
  await using upstream = await startChatUpstream(() => answer);
  const runner = sdk(upstream).chat.completions.stream({ ...ask, stream_options: { include_usage: true } });
  return await runner.finalChatCompletion();
}

function parsed(called: { name: string; arguments: string }): [string, unknown] {
  return [called.name, JSON.parse(called.arguments)];
}

function post(upstream: ChatUpstream, body: string): Promise<Response> {
  return fetch(`${upstream.url}/chat/completions`, { method: 'POST', body });
}

/** The data of each SSE event, parsed; '[DONE]' as it is. */
async function frames(script: Script, body: object): Promise<unknown[]> {
  await using upstream = await startChatUpstream(script);
  const text = await (await post(upstream, JSON.stringify(body))).text();
  assert.ok(text.endsWith('\n\n'));
  return text
    .trimEnd()
    .split('\n\n')
    .map((frame) => frame.replace(/^data: /, ''))
    .map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
}

describe('the fake chat upstream', () => {
  it('streams text, reasoning and parallel calls that the openai package puts together', async () => {
    const { choices, usage } = await stream({
      reasoning: 'I think 🚂 so.',
      text: 'Привет, I read both.',
      toolCalls: [readCall, editCall],
      usage: { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } },
    });
    const message = choices[0]?.message;
    assert.equal(message?.content, 'Привет, I read both.');
    assert.equal(choices[0]?.finish_reason, 'tool_calls');
    assert.deepEqual(
      message?.tool_calls?.map((call) => call.type === 'function' && parsed(call.function)),
      [
        ['Read', readCall.arguments],
        ['Edit', editCall.arguments],
      ],
    );
    assert.equal(new Set(message?.tool_calls?.map((call) => call.id)).size, 2);
    assert.deepEqual(usage, {
      prompt_tokens: 12,
      completion_tokens: 3,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 8 },
    });
  });

  it('keeps to the wire format: role first, name before arguments, finish alone, usage without choices, [DONE]', async () => {
    const seen = await frames(() => ({ toolCalls: [{ name: 'Now', arguments: {}, id: 'call_x' }] }), {
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    const head = { id: 'chatcmpl-fake-0', object: 'chat.completion.chunk', created: 1_795_000_000, model: ask.model };
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
      usage: null,
    });
    assert.deepEqual(seen, [
      chunk({ role: 'assistant', content: '' }),
      chunk({ tool_calls: [{ index: 0, id: 'call_x', type: 'function', function: { name: 'Now', arguments: '' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
      chunk({}, 'tool_calls'),
      { ...head, choices: [], usage: { prompt_tokens: 1_000, completion_tokens: 50, total_tokens: 1_050 } },
      '[DONE]',
    ]);
  });

  it('sends no usage unless asked, no finish and no [DONE] when the script leaves them out', async () => {
    const seen = await frames(() => ({ text: 'ab', finish: null, omitDone: true }), { ...ask, stream: true });
    assert.equal(seen.length, 2);
    assert.ok(!JSON.stringify(seen).includes('usage'));
  });

  it('answers unstreamed with one object', async () => {
    await using upstream = await startChatUpstream(() => ({ reasoning: 'Hm.', text: '', toolCalls: [readCall] }));
    const { choices } = await sdk(upstream).chat.completions.create(ask);
    assert.equal(choices[0]?.message.content, null);
    assert.equal(Reflect.get(choices[0]?.message ?? {}, 'reasoning_content'), 'Hm.');
    assert.equal(choices[0]?.finish_reason, 'tool_calls');
    const call = choices[0]?.message.tool_calls?.[0];
    assert.ok(call?.type === 'function');
    assert.deepEqual(JSON.parse(call.function.arguments), readCall.arguments);
  });

  it('writes calls as text in each dialect', async () => {
    const answer = { text: 'Reading.', toolCalls: [readCall, editCall] };
    const expected = {
      'glm-text':
        'Reading.\n<tool_call>Read\n<arg_key>file_path</arg_key>\n<arg_value>/p/файл.txt</arg_value>\n<arg_key>limit</arg_key>\n<arg_value>5</arg_value>\n</tool_call>\n' +
        '<tool_call>Edit\n<arg_key>old</arg_key>\n<arg_value>a\nb</arg_value>\n<arg_key>all</arg_key>\n<arg_value>true</arg_value>\n</tool_call>',
      'qwen-text':
        'Reading.\n<tool_call>\n<function=Read>\n<parameter=file_path>\n/p/файл.txt\n</parameter>\n<parameter=limit>\n5\n</parameter>\n</function>\n</tool_call>\n' +
        '<tool_call>\n<function=Edit>\n<parameter=old>\na\nb\n</parameter>\n<parameter=all>\ntrue\n</parameter>\n</function>\n</tool_call>',
      'hermes-text':
        'Reading.\n<tool_call>\n{"name":"Read","arguments":{"file_path":"/p/файл.txt","limit":5}}\n</tool_call>\n' +
        '<tool_call>\n{"name":"Edit","arguments":{"old":"a\\nb","all":true}}\n</tool_call>',
    } as const;
    for (const dialect of ['glm-text', 'qwen-text', 'hermes-text'] as const) {
      const { choices } = await stream({ ...answer, dialect });
      assert.equal(choices[0]?.message.content, expected[dialect]);
      assert.equal(choices[0]?.finish_reason, 'stop');
      assert.equal(choices[0]?.message.tool_calls, undefined);
    }
  });

  it('hands the script each request with its turn and keeps them', async () => {
    const turns: number[] = [];
    await using upstream = await startChatUpstream(({ body }, turn) => {
      turns.push(turn);
      return { text: `${body.messages.length}` };
    });
    await sdk(upstream).chat.completions.create({ ...ask, user: 'u' });
    await sdk(upstream).chat.completions.create(ask, { headers: { 'x-extra': 'yes' } });
    assert.deepEqual(turns, [0, 1]);
    assert.equal(upstream.requests[0]?.body.user, 'u');
    assert.equal(upstream.requests[1]?.headers['x-extra'], 'yes');
    assert.equal(upstream.requests[1]?.headers.authorization, 'Bearer k');
  });

  it('answers with the status, headers and body that the script gives', async () => {
    const answers: ScriptedAnswer[] = [
      { status: 429, headers: { 'retry-after': '7' }, body: { detail: 'slow down' } },
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad</html>' },
      { status: 503 },
    ];
    await using upstream = await startChatUpstream((_request, turn) => answers[turn] ?? {});
    const limited = await post(upstream, JSON.stringify(ask));
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
    assert.deepEqual(await limited.json(), { detail: 'slow down' });
    const page = await post(upstream, JSON.stringify(ask));
    assert.deepEqual([page.status, page.headers.get('content-type')], [502, 'text/html']);
    assert.equal(await page.text(), '<html>Bad</html>');
    const bare = await post(upstream, JSON.stringify(ask));
    assert.deepEqual([bare.status, await bare.text()], [503, '']);
  });

  it('resets the socket where the script cuts the stream', async () => {
    await using upstream = await startChatUpstream(() => ({ text: 'long enough for some frames', cutAfterFrames: 2 }));
    const response = await post(upstream, JSON.stringify({ ...ask, stream: true }));
    let received = '';
    await assert.rejects(async () => {
      for await (const piece of response.body ?? []) received += Buffer.from(piece).toString();
    });
    assert.equal(received.match(/data: /g)?.length, 2);
  });

  it('tells the script when the client hangs up', async () => {
    const left = Promise.withResolvers<void>();
    await using upstream = await startChatUpstream(async ({ signal }) => {
      outgoing.destroy();
      if (!signal.aborted) await once(signal, 'abort');
      left.resolve();
      return { text: 'too late' };
    });
    const outgoing = httpRequest(`${upstream.url}/chat/completions`, { method: 'POST' });
    outgoing.on('error', () => undefined); // The hang-up itself.
    outgoing.end(JSON.stringify(ask));
    await left.promise;
  });

  it('shows a failed assertion of the script as a 500', async () => {
    await using upstream = await startChatUpstream(() => assert.fail('the script wants otherwise'));
    const response = await post(upstream, JSON.stringify(ask));
    assert.equal(response.status, 500);
    assert.match(await response.text(), /the script wants otherwise/);
  });

  it('refuses what is no chat request, without asking the script', async () => {
    await using upstream = await startChatUpstream(() => assert.fail('not reached'));
    for (const body of ['{', '[]', '{"model":"m"}', '{"model":"m","messages":[{}]}']) {
      assert.equal((await post(upstream, body)).status, 400, body);
    }
    assert.equal((await fetch(`${upstream.url}/other`)).status, 404);
    assert.equal(upstream.requests.length, 0);
  });

  it('lists its models', async () => {
    await using upstream = await startChatUpstream(() => ({}), ['a/b', 'c']);
    const ids: string[] = [];
    for await (const model of sdk(upstream).models.list()) ids.push(model.id);
    assert.deepEqual(ids, ['a/b', 'c']);
  });
});
