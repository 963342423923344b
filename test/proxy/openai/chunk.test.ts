import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readContent, readFinishReason, readReasoning, readUsage } from '../../../proxy/openai/chunk.ts';

describe('a finish reason', () => {
  const rows: readonly (readonly [value: unknown, reason: string | undefined])[] = [
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['length', 'length'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'context-window'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['content_filter', 'content-filter'],
    ['sensitive', 'content-filter'],
    ['network_error', 'failed'],
    ['error', 'failed'],
    [{ type: 'abort', message: 'Aborted' }, 'failed'],
    [{ type: 'stop', matched: 151_336 }, 'stop'],
    ['eos', 'stop'],
    ['something_new', 'stop'],
    [null, undefined],
    ['', undefined],
    [undefined, undefined],
    [7, undefined],
    [[], undefined],
  ];
  it('is read in every spelling, and an unknown one ends the answer', () => {
    for (const [value, reason] of rows) assert.equal(readFinishReason(value), reason, JSON.stringify(value));
  });
});

describe('usage', () => {
  const before = { inputTokens: 10, outputTokens: 1, cachedInputTokens: 4 };
  const rows: readonly (readonly [row: string, value: unknown, expected: unknown])[] = [
    [
      'both counts',
      { prompt_tokens: 20, completion_tokens: 3 },
      { inputTokens: 20, outputTokens: 3, cachedInputTokens: 4 },
    ],
    [
      'cached tokens',
      { prompt_tokens: 20, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 6 } },
      { inputTokens: 20, outputTokens: 3, cachedInputTokens: 6 },
    ],
    [
      'DeepSeek',
      { prompt_tokens: 20, completion_tokens: 3, prompt_cache_hit_tokens: 5 },
      { inputTokens: 20, outputTokens: 3, cachedInputTokens: 5 },
    ],
    [
      'Anthropic names',
      { input_tokens: 20, output_tokens: 3 },
      { inputTokens: 20, outputTokens: 3, cachedInputTokens: 4 },
    ],
    ['only the answer', { completion_tokens: 3 }, { inputTokens: 10, outputTokens: 3, cachedInputTokens: 4 }],
    [
      'more cached than there is',
      { prompt_tokens: 2, prompt_tokens_details: { cached_tokens: 6 } },
      { inputTokens: 2, outputTokens: 1, cachedInputTokens: 2 },
    ],
    ['null', null, before],
    ['no counts', {}, before],
    ['odd counts', { prompt_tokens: '20', completion_tokens: Number.NaN }, before],
    ['negative counts', { prompt_tokens: -1, completion_tokens: null }, before],
    ['text', 'none', before],
  ];
  it('takes the last value of each count', () => {
    for (const [row, value, expected] of rows) assert.deepEqual(readUsage(value, before), expected, row);
  });
  it('is absent where none ever came', () => {
    for (const value of [null, undefined, {}, [], 'x']) assert.equal(readUsage(value), undefined);
  });
});

describe('content', () => {
  const rows: readonly (readonly [value: unknown, text: string, reasoning: string])[] = [
    ['a', 'a', ''],
    [
      [
        { type: 'text', text: 'a ' },
        { type: 'text', text: 'b' },
      ],
      'a b',
      '',
    ],
    [['a', 'b'], 'ab', ''],
    [{ type: 'text', text: 'a' }, 'a', ''],
    [
      [
        { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
        { type: 'text', text: 'a' },
      ],
      'a',
      'hm',
    ],
    [[{ type: 'thinking', thinking: 'hm' }], '', 'hm'],
    [[null, 7, {}, { type: 'image_url' }, { text: null }], '', ''],
    [null, '', ''],
    [7, '', ''],
  ];
  it('is read from text and from parts', () => {
    for (const [value, text, reasoning] of rows)
      assert.deepEqual(readContent(value), { text, reasoning }, JSON.stringify(value));
  });
});

describe('reasoning', () => {
  it('is read from either name, never twice (T-1)', () => {
    assert.equal(readReasoning({ reasoning_content: 'a' }), 'a');
    assert.equal(readReasoning({ reasoning: 'a' }), 'a');
    assert.equal(readReasoning({ reasoning_content: 'a', reasoning: 'a' }), 'a');
    assert.equal(readReasoning({ reasoning_content: '', reasoning: 'a' }), 'a');
    assert.equal(readReasoning({ reasoning_content: null, reasoning: null }), '');
    assert.equal(readReasoning({ reasoning: { effort: 'high' } }), '');
  });
});
