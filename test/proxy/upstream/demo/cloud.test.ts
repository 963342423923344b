import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import OpenAI from 'openai';
import { jsonOf, openDemo, readTool, user } from './demo.ts';

/** The `data:` lines of a stream, parsed. */
function eventsOf(text: string) {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice(6)));
}

describe('the simulated cloud.ru', () => {
  it('lists models as cloud.ru does, without a key', async (t) => {
    const { demo, get } = await openDemo(t);
    const list = await jsonOf(get(`${demo.cloudUrl}/models`));
    assert.equal(list.object, 'list');
    const ids = list.data.map(({ id }: { id: string }) => id);
    assert.ok(ids.includes('zai-org/GLM-4.7') && ids.includes('openai/gpt-oss-120b') && ids.includes('BAAI/bge-m3'));
    assert.deepEqual(Object.keys(list.data[0]), ['id', 'object', 'created', 'owned_by']);
  });

  it('answers in words that say what they are, and echo what was asked', async (t) => {
    const { chat } = await openDemo(t);
    const answer = await jsonOf(chat({ messages: [user('Hello there')] }));
    const { message, finish_reason: reason } = answer.choices[0];
    assert.match(message.content, /^\[demo\] .*simulation.*"Hello there"/);
    assert.equal(reason, 'stop');
    assert.ok(answer.usage.prompt_tokens > 0 && answer.usage.completion_tokens > 10);
    assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
    const russian = await jsonOf(chat({ messages: [user('Привет')] }));
    assert.match(russian.choices[0].message.content, /^\[demo\] Это симуляция/);
  });

  it('streams what the openai package reads: words, a call with its arguments, usage at the end', async (t) => {
    const { demo } = await openDemo(t);
    const client = new OpenAI({ baseURL: demo.cloudUrl, apiKey: 'none' });
    const words = client.chat.completions.stream({
      model: 'any/model',
      messages: [{ role: 'user', content: 'Hello' }],
    });
    let pieces = 0;
    words.on('content', () => {
      pieces += 1;
    });
    assert.match((await words.finalContent()) ?? '', /^\[demo\] /);
    assert.ok(pieces > 10);
    const call = await client.chat.completions
      .stream({
        model: 'zai-org/GLM-4.7',
        messages: [
          { role: 'system', content: 'Env:\n - Primary working directory: /home/me\n' },
          { role: 'user', content: '<system-reminder>list files</system-reminder>Please read src/a.ts now.' },
        ],
        tools: [{ ...readTool, type: 'function' }],
        stream_options: { include_usage: true },
      })
      .finalChatCompletion();
    const [choice] = call.choices;
    assert.equal(choice?.finish_reason, 'tool_calls');
    const called = choice?.message.tool_calls?.[0];
    assert.ok(called?.type === 'function');
    assert.equal(called.function.name, 'Read');
    assert.deepEqual(JSON.parse(called.function.arguments), { file_path: '/home/me/src/a.ts' });
    assert.ok((call.usage?.prompt_tokens ?? 0) > 20);
  });

  it("does not take the client's own notes for the user's words, however long", async (t) => {
    const { chat } = await openDemo(t);
    const note = `<system-reminder>${'read a.txt '.repeat(5000)}</system-reminder>`;
    const body = { messages: [user(`${note}\nHello ${note}there`)], tools: [readTool] };
    const { choices } = await jsonOf(chat(body));
    assert.match(choices[0].message.content, /You wrote: "Hello there"/);
  });

  it("sums a tool's answer up and finishes", async (t) => {
    const { chat } = await openDemo(t);
    const messages = [
      user('read a.txt'),
      { role: 'assistant', content: null, tool_calls: [] },
      { role: 'tool', tool_call_id: 'x', content: 'first line\nsecond' },
      user('<system-reminder>note</system-reminder>'),
    ];
    const { choices } = await jsonOf(chat({ messages, tools: [readTool] }));
    assert.match(choices[0].message.content, /^\[demo\] The tool answered, lines: 2\. It begins: "first line second"/);
    assert.equal(choices[0].finish_reason, 'stop');
  });

  it('thinks where thinking is on, whichever dialect says so', async (t) => {
    const { chat } = await openDemo(t);
    const thinks = async (body: object) => {
      const answer = await jsonOf(chat({ messages: [user('Hello')], ...body }));
      return 'reasoning_content' in answer.choices[0].message;
    };
    assert.ok(await thinks({}));
    assert.ok(await thinks({ model: 'Qwen/Qwen3-Coder-Next', reasoning_effort: 'high' }));
    assert.ok(!(await thinks({ model: 'Qwen/Qwen3-Coder-Next' })));
    for (const off of [
      { chat_template_kwargs: { enable_thinking: false } },
      { chat_template_kwargs: { thinking: false } },
      { thinking: { type: 'disabled' } },
      { enable_thinking: false },
      { reasoning_effort: 'none' },
    ])
      assert.ok(!(await thinks(off)), JSON.stringify(off));
    const stream = await (await chat({ messages: [user('Hello')], stream: true })).text();
    const kinds = eventsOf(stream).map(({ choices: [choice] }) => Object.keys(choice.delta).at(-1));
    assert.deepEqual([...new Set(kinds)], ['content', 'reasoning_content', undefined]);
    assert.ok(kinds.indexOf('reasoning_content') < kinds.lastIndexOf('content'));
  });

  it('keeps to max_tokens and to a schema', async (t) => {
    const { chat } = await openDemo(t);
    const cut = await jsonOf(chat({ messages: [user('Hello')], max_tokens: 2 }));
    assert.equal(cut.choices[0].message.content, '[demo] This');
    assert.equal(cut.choices[0].finish_reason, 'length');
    const schema = { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] };
    const response_format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const fitting = await jsonOf(chat({ messages: [user('Hello')], response_format }));
    assert.equal(typeof JSON.parse(fitting.choices[0].message.content).title, 'string');
  });

  it('refuses what it can not read, and knows no other path', async (t) => {
    const { chat, chatText, get, demo } = await openDemo(t);
    for (const response of [await chatText('{"model":'), await chat({ messages: [] }), await chat({ messages: 'x' })]) {
      assert.equal(response.status, 400);
      const { error } = await jsonOf(response);
      assert.equal(error.type, 'BadRequestError');
      assert.ok(error.message.length > 5);
    }
    assert.equal((await get(`${demo.cloudUrl}/nothing`)).status, 404);
  });

  it('stops at once when the client leaves', async (t) => {
    const { chat, logged } = await openDemo(t);
    const leaving = new AbortController();
    const response = await chat({ messages: [user('Hello')], stream: true }, leaving.signal);
    leaving.abort();
    await logged('the client left');
    await assert.rejects(response.text(), { name: 'AbortError' });
  });
});

describe('faults of the simulated cloud.ru', () => {
  it('answer with errors, by the settings and by a phrase', async (t) => {
    const { chat, state } = await openDemo(t);
    for (const [fault, status, body] of [
      ['not-found', 404, /"NotFoundError"/],
      ['rate-limit', 429, /"RateLimitError"/],
      ['server-error', 500, /"InternalServerError"/],
      ['html', 502, /^<html>/],
    ] as const) {
      state.fault = fault;
      const bySetting = await chat({ messages: [user('Hello')], stream: true });
      state.fault = 'none';
      const byPhrase = await chat({ messages: [user(`Do it [fault: ${fault}] please`)] });
      for (const response of [bySetting, byPhrase]) {
        assert.equal(response.status, status, fault);
        assert.equal(response.headers.get('retry-after'), fault === 'rate-limit' ? '1' : null);
        assert.match(await response.text(), body);
      }
    }
  });

  it('heed only the last words of the user, and only known names', async (t) => {
    const { chat, state } = await openDemo(t);
    const earlier = [user('[fault: html]'), { role: 'assistant', content: 'x' }, user('Hello')];
    assert.equal((await chat({ messages: earlier })).status, 200);
    assert.equal((await chat({ messages: [user('[fault: earthquake]')] })).status, 200);
    assert.equal((await chat({ messages: [user('[fault: html]'), { role: 'tool', content: 'x' }] })).status, 200);
    state.fault = 'html';
    assert.equal((await chat({ messages: [user('[fault: none]')] })).status, 200);
  });

  it('hang: nothing comes, until the client leaves', async (t) => {
    const { chat, demo } = await openDemo(t);
    const leaving = new AbortController();
    const hanging = chat({ messages: [user('[fault: hang]')] }, leaving.signal);
    // Another request is answered meanwhile; the hanging one is not.
    const first = await Promise.race([hanging, chat({ messages: [user('Hello')] })]);
    assert.equal(first.status, 200);
    leaving.abort();
    await assert.rejects(hanging, { name: 'AbortError' });
    await demo.close();
  });

  it('empty: a sound stream without a word', async (t) => {
    const { chat } = await openDemo(t);
    const text = await (await chat({ messages: [user('[fault: empty]')], stream: true })).text();
    assert.deepEqual(
      eventsOf(text).map(({ choices: [choice] }) => [choice.delta.content ?? '', choice.finish_reason]),
      [
        ['', null],
        ['', 'stop'],
      ],
    );
    const whole = await jsonOf(chat({ messages: [user('[fault: empty]')] }));
    assert.equal(whole.choices[0].message.content, null);
  });

  it('cut: the connection falls after the first words', async (t) => {
    const { chat } = await openDemo(t);
    const response = await chat({ messages: [user('[fault: cut]')], stream: true });
    assert.equal(response.status, 200);
    const reader = response.body?.getReader();
    assert.ok(reader);
    let text = '';
    await assert.rejects(async () => {
      for (;;) {
        const { done, value } = await reader.read();
        assert.ok(!done, 'the stream must not end soundly');
        text += Buffer.from(value).toString();
      }
    }, TypeError);
    assert.match(text, /\[demo\]/);
    assert.doesNotMatch(text, /\[DONE\]|finish_reason":"/);
    const whole = await chat({ messages: [user('[fault: cut]')] });
    await assert.rejects(whole.json(), TypeError);
  });

  it('text-tool-call: the call stands in the text as GLM writes it', async (t) => {
    const { chat, state } = await openDemo(t);
    state.fault = 'text-tool-call';
    const ask = async (body: object) => (await jsonOf(chat(body))).choices[0];
    const asked = await ask({ messages: [user('read a.txt')], tools: [readTool] });
    assert.equal(
      asked.message.content,
      '<tool_call>Read<arg_key>file_path</arg_key><arg_value>a.txt</arg_value></tool_call>',
    );
    assert.equal(asked.finish_reason, 'stop');
    assert.ok(!('tool_calls' in asked.message));
    assert.match((await ask({ messages: [user('Hello')], tools: [readTool] })).message.content, /^<tool_call>Read</);
    const answered = [user('read a.txt'), { role: 'tool', content: 'x' }];
    assert.match((await ask({ messages: answered, tools: [readTool] })).message.content, /^\[demo\] The tool answered/);
    assert.match((await ask({ messages: [user('Hello')] })).message.content, /^\[demo\] /);
  });
});
