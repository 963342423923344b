import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { outputLimit } from '../../../proxy/translate/output-limit.ts';
import { translateSample } from './request-sample.ts';

const model = { contextWindow: 100_000, maxOutputTokens: 20_000 };
const none = { maxTokens: null, minTokens: null };

describe('outputLimit', () => {
  it('is what the client asks for, up to the model’s cap', () => {
    assert.equal(outputLimit(5_000, model, none, 1_000), 5_000);
    assert.equal(outputLimit(64_000, model, none, 1_000), 20_000);
    assert.equal(outputLimit(1, model, none, 1_000), 1);
    assert.equal(outputLimit(0, model, none, 1_000), 1);
  });

  it('obeys MAX_TOKENS_LIMIT and MIN_TOKENS_LIMIT, the former and the model first', () => {
    assert.equal(outputLimit(5_000, model, { maxTokens: 4_000, minTokens: null }, 0), 4_000);
    assert.equal(outputLimit(5_000, model, { maxTokens: 90_000, minTokens: null }, 0), 5_000);
    assert.equal(outputLimit(100, model, { maxTokens: null, minTokens: 4_000 }, 0), 4_000);
    assert.equal(outputLimit(100, model, { maxTokens: 2_000, minTokens: 4_000 }, 0), 2_000);
    assert.equal(outputLimit(100, model, { maxTokens: null, minTokens: 90_000 }, 0), 20_000);
  });

  it('leaves room for the prompt and for the error of its estimate', () => {
    const limit = outputLimit(20_000, model, none, 90_000);
    assert.ok(limit < 10_000 && limit > 4_000, String(limit));
    assert.ok(90_000 * 1.05 + limit <= model.contextWindow);
  });

  it('never falls below a short answer, even where the prompt seems too long', () => {
    for (const input of [99_000, 100_000, 250_000]) {
      assert.equal(outputLimit(20_000, model, none, input), 256);
      assert.equal(outputLimit(40, model, none, input), 40);
    }
  });
});

describe('the field of the limit', () => {
  it('is the one that the upstream reads', () => {
    const { chat } = translateSample({ max_tokens: 7 });
    assert.deepEqual([chat.max_tokens, chat.max_completion_tokens], [7, undefined]);
    const other = translateSample({ max_tokens: 7 }, { profile: { maxTokensField: 'max_completion_tokens' } }).chat;
    assert.deepEqual([other.max_tokens, other.max_completion_tokens], [undefined, 7]);
  });
});
