import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Observation, observe } from '../cases/observe.ts';
import type { ScriptedAnswer } from '../fakes/chat-answer.ts';
import { writeFrames } from '../fakes/chat-answer.ts';
import { type ChatUpstream, type RecordedRequest, startChatUpstream, textOf } from '../fakes/chat-upstream.ts';
import { post, startTestGateway, type TestGateway } from '../fakes/gateway.ts';

/** About 200 tokens of text, a thought before it and two calls behind it. */
const whole: ScriptedAnswer = {
  reasoning: 'The user wants both files. I read them one after the other.',
  text: Array.from({ length: 40 }, (_, index) => `Sentence ${index} tells something else.`).join(' '),
  toolCalls: [
    { name: 'Read', arguments: { file_path: '/a' } },
    { name: 'Read', arguments: { file_path: '/b' } },
  ],
};
const request = {
  model: 'claude-opus-5',
  max_tokens: 1000,
  stream: true,
  thinking: { type: 'enabled', budget_tokens: 1024 },
  tools: [{ name: 'Read', input_schema: { type: 'object', properties: { file_path: { type: 'string' } } } }],
  messages: [{ role: 'user', content: 'Read /a and /b.' }],
};
const frames = writeFrames(whole, { id: 'x', model: 'm' }, true).length;

/** Goes on from what it is given as the assistant's beginning. */
function goOn({ body }: RecordedRequest): ScriptedAnswer {
  const begun = body.messages.findLast((message) => message.role === 'assistant');
  const told = begun ? textOf(begun) : '';
  assert.ok(whole.text?.startsWith(told), `the beginning is not what was told: ${told}`);
  if (told === '') return whole;
  return { text: whole.text?.slice(told.length), toolCalls: whole.toolCalls };
}

interface Drill extends AsyncDisposable {
  gateway: TestGateway;
  second: ChatUpstream;
  run(cutAfterFrames: number): Promise<Observation>;
}

async function startDrill(takeover: boolean): Promise<Drill> {
  let cutAfterFrames = 0;
  const first = await startChatUpstream(() => ({ ...whole, cutAfterFrames }));
  const second = await startChatUpstream(goOn);
  const gateway = await startTestGateway(first.url, {
    upstreams: [
      { id: 'first', kind: 'openai-compatible', baseUrl: first.url, headers: {} },
      { id: 'second', kind: 'openai-compatible', baseUrl: second.url, headers: {} },
    ],
    mapping: {
      big: [
        { upstream: 'first', model: 'm' },
        { upstream: 'second', model: 'n' },
      ],
    },
    // The breaker must not save the later runs from the fault.
    failover: { takeover, consecutive: 100, atLeast: 200 },
  });
  return {
    gateway,
    second,
    run: async (position) => {
      cutAfterFrames = position;
      const response = await post(gateway, '/v1/messages', request);
      const type = response.headers.get('content-type') ?? '';
      return observe(response.status, type, await response.text(), true);
    },
    [Symbol.asyncDispose]: async () => {
      await gateway.drain(0);
      await Promise.all([first.close(), second.close()]);
    },
  };
}

function assertWhole(seen: Observation, position: number): void {
  const at = `cut after frame ${position}`;
  assert.deepEqual(seen.violations, [], at);
  assert.equal(seen.kind, 'ok', `${at}: ${seen.message}`);
  assert.equal(seen.stop_reason, 'tool_use', at);
  const text = seen.blocks.map((block) => block.text ?? '').join('');
  assert.equal(text, whole.text, at);
  const calls = seen.blocks.filter((block) => block.type === 'tool_use').map((block) => block.input);
  assert.deepEqual(calls, [{ file_path: '/a' }, { file_path: '/b' }], at);
}

describe('an answer that is cut', () => {
  it(`at any of its ${frames} frames becomes one whole message through takeover`, async () => {
    await using drill = await startDrill(true);
    for (let position = 1; position < frames - 2; position++) assertWhole(await drill.run(position), position);
    assert.ok(drill.second.requests.length >= frames - 4, 'the second upstream has finished them');
    assert.ok(drill.gateway.lines.every(({ level }) => level !== 'error'));
  });

  it('ends in an error event behind its first byte where takeover is off, or was replaced unseen before it', async () => {
    await using drill = await startDrill(false);
    let broken = 0;
    for (let position = 1; position < frames - 2; position++) {
      const seen = await drill.run(position);
      assert.deepEqual(seen.violations, []);
      // A reset may reach the gateway before the bytes that were sent ahead of it: then nothing had been committed.
      if (seen.kind === 'ok') assertWhole(seen, position);
      else {
        assert.equal(seen.kind, 'stream_error');
        assert.equal(seen.error_type, 'overloaded_error');
        broken += 1;
      }
    }
    assert.ok(broken > 0);
  });
});
