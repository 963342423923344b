import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { StrelkaError } from '../../../proxy/errors.ts';
import { serializeChat } from '../../../proxy/openai/chat-body.ts';
import { stopSequencesOf } from '../../../proxy/translate/chat-request.ts';
import { findFaults } from '../../fakes/chat-legality.ts';
import { chatSample, translateChatSample } from './chat-sample.ts';
import type { SampleOptions } from './request-sample.ts';

/** The body as the upstream gets it. */
function sent(fields: Record<string, unknown> = {}, options: SampleOptions = {}): Record<string, unknown> {
  return JSON.parse(serializeChat(translateChatSample(fields, options).chat, true).toString());
}

describe('translateChatRequest', () => {
  it('changes nothing in a plain question but the model', () => {
    assert.deepEqual(sent({ stream: true }), {
      model: 'zai-org/GLM-5.1',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('passes on what it does not know, and leaves null out', () => {
    const known = {
      temperature: 0.2,
      top_p: 0.5,
      user: 'u-1',
      stop: ['END'],
      response_format: { type: 'json_object' },
    };
    const unknown = {
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: -0.1,
      logit_bias: { 50256: -100 },
      metadata: { a: 'b' },
      store: false,
      verbosity: 'low',
      min_p: 0.05,
      made_up: [{ deep: true }],
    };
    const {
      model: _,
      messages: __,
      stream: ___,
      stream_options: ____,
      ...rest
    } = sent({
      ...known,
      ...unknown,
      prediction: null,
      response_format: known.response_format,
    });
    assert.deepEqual(rest, { ...known, ...unknown });
  });

  it('can not be made to say something twice or in place of Strelka', () => {
    const body = sent({ model: 'a', stream: false, stream_options: { include_usage: false }, n: 1, logprobs: false });
    assert.deepEqual(Object.keys(body).sort(), ['messages', 'model', 'stream', 'stream_options']);
    assert.equal(body.stream, true);
    assert.deepEqual(body.stream_options, { include_usage: true });
  });

  it("uses the profile's sampling only where the client is silent", () => {
    const profile = { temperature: 1, topP: 0.95 };
    const silent = sent({ temperature: null }, { profile });
    assert.deepEqual([silent.temperature, silent.top_p], [1, 0.95]);
    const said = sent({ temperature: 0, top_p: 0.1 }, { profile });
    assert.deepEqual([said.temperature, said.top_p], [0, 0.1]);
  });

  it('sends top_k only to upstreams that take it', () => {
    assert.equal(sent({ top_k: 20 }).top_k, 20);
    assert.ok(!('top_k' in sent({ top_k: 20 }, { profile: { topK: false } })));
  });

  it('takes stop as a text or a list, and leaves blank and surplus ones out', () => {
    assert.deepEqual(sent({ stop: 'END' }).stop, ['END']);
    assert.deepEqual(sent({ stop: ['a', ' ', 'a', 'b', 'c', 'd', 'e'] }).stop, ['a', 'b', 'c', 'd']);
    assert.ok(!('stop' in sent({ stop: [] })));
    assert.deepEqual(stopSequencesOf(chatSample({ stop: 'END' })), ['END']);
  });

  it('makes a schema one that servers take', () => {
    const schema = { $schema: 'x', type: 'object', properties: { a: { const: 1 } } };
    const json_schema = { name: 'answer', description: 'An answer.', strict: true, schema };
    assert.deepEqual(sent({ response_format: { type: 'json_schema', json_schema } }).response_format, {
      type: 'json_schema',
      json_schema: { ...json_schema, schema: { type: 'object', properties: { a: { enum: [1] } } } },
    });
    const own = { type: 'structural_tag', structures: [{ begin: '<a>' }] };
    assert.deepEqual(sent({ response_format: own }).response_format, own);
  });

  it('refuses a conversation in which nothing is said', () => {
    assert.throws(
      () => sent({ messages: [{ role: 'user', content: '' }, { role: 'assistant' }] }),
      (error) => error instanceof StrelkaError && error.kind === 'invalid-request' && error.detail.param === 'messages',
    );
  });
});

describe('the cap on tokens', () => {
  const none = { maxTokens: null, minTokens: null };

  it('is left to the upstream where neither client nor settings name one', () => {
    const body = sent();
    assert.ok(!('max_tokens' in body) && !('max_completion_tokens' in body));
    assert.equal(sent({}, { limits: { ...none, maxTokens: 5_000 } }).max_tokens, 5_000);
    assert.ok(!('max_tokens' in sent({}, { limits: { ...none, minTokens: 5_000 } })));
  });

  it("goes under the profile's name, whichever the client used", () => {
    for (const field of ['max_tokens', 'max_completion_tokens'])
      for (const maxTokensField of ['max_tokens', 'max_completion_tokens'] as const) {
        const { max_tokens, max_completion_tokens } = sent({ [field]: 100 }, { profile: { maxTokensField } });
        const wanted = maxTokensField === 'max_tokens' ? [100, undefined] : [undefined, 100];
        assert.deepEqual([max_tokens, max_completion_tokens], wanted);
      }
  });

  it('is clamped to the model, the window and the settings', () => {
    assert.equal(sent({ max_tokens: 1_000_000 }).max_tokens, 64_000);
    assert.equal(sent({ max_tokens: 50_000 }, { limits: { ...none, maxTokens: 4_096 } }).max_tokens, 4_096);
    assert.equal(sent({ max_tokens: 10 }, { limits: { ...none, minTokens: 100 } }).max_tokens, 100);
    assert.equal(sent({ max_tokens: 50_000 }, { estimatedInputTokens: 180_000 }).max_tokens, 11_000);
  });
});

describe('what real clients send', () => {
  const bodySchema = z.looseObject({ messages: z.array(z.looseObject({ role: z.string() })) });

  for (const name of ['openclaw-last-turn', 'opencode-last-turn', 'opencode-title'])
    it(`goes on whole: ${name}`, async () => {
      const file = new URL(`../../fixtures/clients/${name}-chat.json`, import.meta.url);
      const body = bodySchema.parse(JSON.parse(await readFile(file, 'utf8')).body);
      const { chat } = translateChatSample(body);
      assert.deepEqual(findFaults(JSON.parse(serializeChat(chat, true).toString())), []);
      const expected = name === 'opencode-title' ? joined(body.messages) : body.messages.map(plain);
      assert.deepEqual(chat.messages.map(plain), expected);
    });

  /** Fields in one order, lone text parts as text, an assistant that only calls with null. */
  function plain(message: object): unknown {
    const { content, ...rest } = { content: null, ...message } as Record<string, unknown>;
    const [part] = Array.isArray(content) ? content : [];
    return { ...rest, content: (part?.text ?? content) || null };
  }

  /** Two user messages in a row are one for strict templates. */
  function joined(messages: Record<string, unknown>[]): unknown[] {
    const [system, first, second] = messages;
    return [system, { role: 'user', content: `${first?.content}\n\n${second?.content}` }].map((one) =>
      plain(one ?? {}),
    );
  }
});
