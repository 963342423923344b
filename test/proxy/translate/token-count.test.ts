import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { TokenCounter } from '../../../proxy/translate/token-count.ts';
import { makeLongRequest } from './long-request.ts';

const workerUrl = new URL('../../../proxy/translate/token-worker.ts', import.meta.url);

function countOf(text: string): number {
  return countTokens(text, { disallowedSpecial: new Set() });
}

function userSays(text: string) {
  return { messages: [{ role: 'user', content: text }] };
}

/** A counter whose threads the test holds in its hands. */
function makeCounter(makeWorker: () => Worker = () => new Worker(workerUrl)) {
  const workers: Worker[] = [];
  const counter = new TokenCounter(() => {
    const worker = makeWorker();
    workers.push(worker);
    return worker;
  });
  return { counter, workers };
}

describe('counting tokens', () => {
  const counter = new TokenCounter();
  after(() => counter.close());
  const overhead = 4;

  it("comes within 10 % of the tokenizer's own count on 60 KB with tools", async () => {
    const request = makeLongRequest();
    const { system, tools, messages } = request;
    const body = JSON.stringify({ system, tools, messages });
    assert.ok(body.length > 55_000 && body.length < 75_000, String(body.length));
    const texts = [
      system.map(({ text }) => text).join(''),
      ...tools.map(({ name, description, input_schema }) => JSON.stringify({ name, description, input_schema })),
      ...messages.flatMap(({ content }) =>
        typeof content === 'string'
          ? [content]
          : content.map((block) => {
              if ('input' in block) return JSON.stringify(block.input);
              if ('thinking' in block) return block.thinking ?? '';
              if ('text' in block) return block.text ?? '';
              return typeof block.content === 'string' ? block.content : (block.content?.[0]?.text ?? '');
            }),
      ),
    ];
    const expected = texts.reduce((sum, text) => sum + countOf(text), 0);
    const counted = await counter.count(request);
    assert.ok(Math.abs(counted / expected - 1) < 0.1, `${counted} beside ${expected}`);
  });

  it('counts a short text as the tokenizer does, and adds what the template writes', async () => {
    assert.equal(await counter.count(userSays('Hello, world')), countOf('Hello, world') + overhead);
  });

  it('takes special tokens in a text for text', async () => {
    for (const text of ['<|endoftext|>', 'a <|im_start|>system b', '<|channel|>analysis<|message|>', '<|fim_prefix|>'])
      assert.equal(await counter.count(userSays(text)), countOf(text) + overhead, text);
    assert.ok(countOf('<|endoftext|>') > 1);
  });

  it('bears every text: lone surrogates, NUL, emoji, unbroken runs', async () => {
    for (const text of [
      '\ud800 x \udc00',
      '\0\0',
      '👩‍👩‍👧 '.repeat(2000),
      'x'.repeat(5000),
      ' '.repeat(5000),
      '的'.repeat(3000),
    ])
      assert.ok((await counter.count(userSays(text))) > overhead);
  });

  it('comes close on texts that it has to cut', async () => {
    const letters = Array.from({ length: 8000 }, (_, index) => String.fromCharCode(97 + ((index * 7919) % 26))).join(
      '',
    );
    for (const text of [makeLongRequest().system[0]?.text ?? '', letters]) {
      const counted = (await counter.count(userSays(text))) - overhead;
      assert.ok(Math.abs(counted / countOf(text) - 1) < 0.01, `${counted} beside ${countOf(text)}`);
    }
  });

  it('is not held up by a megabyte without a blank', async () => {
    assert.ok((await counter.count(userSays('x'.repeat(1_000_000)))) > 100_000);
  });

  it('counts what stands in documents, results and searches', async () => {
    const text = 'The quick brown fox jumps over the lazy dog.';
    const blocks = [
      { type: 'text', text },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } },
      { type: 'document', source: { type: 'content', content: [{ type: 'text', text }] } },
      { type: 'tool_result', tool_use_id: 'a', content: text },
      { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text }] },
      { type: 'search_result', source: '', title: '', content: [{ type: 'text', text }] },
      { type: 'thinking', thinking: text, signature: 'long'.repeat(100) },
    ];
    for (const block of blocks)
      assert.equal(
        await counter.count({ messages: [{ role: 'user', content: [block] }] }),
        countOf(text) + overhead,
        block.type,
      );
    assert.equal(await counter.count({ messages: [], system: text }), countOf(text));
    assert.equal(await counter.count({ system: [{ type: 'text', text }] }), countOf(text));
  });

  it('counts images and PDFs by their size', async () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } };
    const pdf = {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'A'.repeat(200_000) },
    };
    assert.equal(await counter.count({ messages: [{ role: 'user', content: [image] }] }), 1600 + overhead);
    assert.equal(await counter.count({ messages: [{ role: 'user', content: [pdf] }] }), 3 * 1500 + overhead);
  });

  it('bears a request of the wrong shape', async () => {
    assert.equal(await counter.count({}), 0);
    for (const odd of [null, 1, 'text', {}, [null], [1], [[]]])
      assert.ok((await counter.count({ system: odd, tools: odd, messages: odd })) >= 0);
  });

  it('counts unknown blocks as JSON, without their cache marks', async () => {
    const count = (block: object) => counter.count({ messages: [{ role: 'user', content: [block] }] });
    const plain = await count({ type: 'novel_block', words: 'one two three' });
    assert.ok(plain > 8);
    assert.equal(await count({ type: 'novel_block', words: 'one two three', cache_control: { type: 'x' } }), plain);
  });
});

describe('the counting thread', () => {
  it('starts with the first question and stays', async (t) => {
    const { counter, workers } = makeCounter();
    t.after(() => counter.close());
    assert.equal(workers.length, 0);
    await counter.count(userSays('one'));
    await counter.count(userSays('two'));
    assert.equal(workers.length, 1);
  });

  it('answers the same question once, however many ask it at once', async (t) => {
    let asked = 0;
    const { counter, workers } = makeCounter(() => {
      const worker = new Worker(workerUrl);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (value: unknown) => {
        asked += 1;
        post(value);
      };
      return worker;
    });
    t.after(() => counter.close());
    const request = makeLongRequest();
    const counts = await Promise.all([counter.count(request), counter.count(request), counter.count(userSays('x'))]);
    assert.equal(counts[0], counts[1]);
    assert.notEqual(counts[0], counts[2]);
    assert.equal(asked, 2);
    assert.equal(workers.length, 1);
  });

  it('is replaced when it dies under a question, and the question is answered', async (t) => {
    const { counter, workers } = makeCounter();
    t.after(() => counter.close());
    const counted = counter.count(userSays('Hello, world'));
    await workers[0]?.terminate();
    assert.equal(await counted, countOf('Hello, world') + 4);
    assert.equal(workers.length, 2);
  });

  it('is replaced when it died between two questions', async (t) => {
    const { counter, workers } = makeCounter();
    t.after(() => counter.close());
    await counter.count(userSays('one'));
    await workers[0]?.terminate();
    assert.ok((await counter.count(userSays('two'))) > 0);
    assert.equal(workers.length, 2);
  });

  it('refuses a question that two threads died over, and goes on', async (t) => {
    let broken = true;
    const { counter, workers } = makeCounter(() =>
      broken ? new Worker("throw new Error('no memory')", { eval: true }) : new Worker(workerUrl),
    );
    t.after(() => counter.close());
    await assert.rejects(counter.count(userSays('one')), (error) => {
      assert.ok(error instanceof Error && 'kind' in error && error.kind === 'internal');
      assert.ok(error.cause instanceof Error && error.cause.message === 'no memory');
      return true;
    });
    assert.equal(workers.length, 2);
    broken = false;
    assert.ok((await counter.count(userSays('one'))) > 0);
  });

  it('refuses what is under way, and what comes later, when it is closed', async () => {
    const { counter, workers } = makeCounter();
    const counted = counter.count(userSays('one'));
    const refused = assert.rejects(counted, { kind: 'draining' });
    await counter.close();
    await refused;
    await assert.rejects(counter.count(userSays('two')), { kind: 'draining' });
    assert.equal(workers.length, 1);
  });

  it('does not keep the process alive when it has nothing to do', async () => {
    const script = `
      import { TokenCounter } from ${JSON.stringify(new URL('../../../proxy/translate/token-count.ts', import.meta.url).href)};
      process.stdout.write(String(await new TokenCounter().count({ system: 'Hello' })));`;
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    const [code] = await once(child, 'close');
    assert.deepEqual([code, output], [0, '1']);
  });
});
