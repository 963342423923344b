import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeOverflow, tooLongMessage } from '../../../proxy/upstream/context-overflow.ts';

const facts = { status: 400, contextWindow: 200_000, estimatedInputTokens: 150_000 };

/** Wordings as servers write them (failures.md E-6, protocol.md 1.7), and what every Claude Code version understands. */
const wordings: readonly (readonly [server: string, said: string, message: string])[] = [
  [
    'vLLM old, prompt alone too long',
    "This model's maximum context length is 131072 tokens. However, you requested 156632 tokens (152536 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
    tooLongMessage(152_536, 131_072),
  ],
  [
    'vLLM old, prompt and answer together too long',
    "This model's maximum context length is 131072 tokens. However, you requested 132000 tokens (100000 in the messages, 32000 in the completion). Please reduce the length of the messages or completion.",
    'input length and `max_tokens` exceed context limit: 100000 + 32000 > 131072, decrease input length or `max_tokens` and try again',
  ],
  [
    'vLLM new',
    "This model's maximum context length is 131072 tokens. However, you requested 4096 output tokens and your prompt contains at least 150000 input tokens, for a total of at least 154096 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=150000)",
    tooLongMessage(150_000, 131_072),
  ],
  [
    'vLLM newer',
    "You passed 150001 input tokens and requested 1000 output tokens. However, the model's context length is only 131072 tokens, resulting in a maximum input length of 130072 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=150001)",
    tooLongMessage(150_001, 131_072),
  ],
  [
    'vLLM, answer too long beside the prompt',
    "'max_tokens' or 'max_completion_tokens' is too large: 32000. This model's maximum context length is 131072 tokens and your request has 120000 input tokens (32000 > 131072 - 120000).",
    'input length and `max_tokens` exceed context limit: 120000 + 32000 > 131072, decrease input length or `max_tokens` and try again',
  ],
  [
    'vLLM engine',
    'The decoder prompt (length 150000) is longer than the maximum model length of 131072. Make sure that `max_model_len` is no smaller than the number of text tokens.',
    tooLongMessage(150_000, 131_072),
  ],
  [
    'SGLang',
    "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
    tooLongMessage(345_516, 262_144),
  ],
  [
    'SGLang, both',
    "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 150000 tokens: 118000 tokens from the input messages and 32000 tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.",
    'input length and `max_tokens` exceed context limit: 118000 + 32000 > 131072, decrease input length or `max_tokens` and try again',
  ],
  [
    'llama.cpp',
    'request (12000 tokens) exceeds the available context size (8192 tokens), try increasing it',
    tooLongMessage(12_000, 8_192),
  ],
  [
    'llama.cpp before it counted',
    'the request exceeds the available context size. try increasing the context size or enable context shift',
    tooLongMessage(200_001, 200_000),
  ],
  [
    'Ollama',
    'the prompt is longer than the context length currently available to the model; shorten it or raise the context length',
    tooLongMessage(200_001, 200_000),
  ],
  ['Anthropic', 'prompt is too long: 215000 tokens > 202752 maximum', tooLongMessage(215_000, 202_752)],
  [
    'OpenAI',
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 156000 tokens. Please reduce the length of the messages.",
    tooLongMessage(156_000, 128_000),
  ],
  [
    'OpenRouter',
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 160000 tokens (140000 of text input, 4000 of tool input, 16000 in the output).",
    tooLongMessage(144_000, 131_072),
  ],
  [
    'Moonshot',
    'Invalid request: Your request exceeded model token limit: 131072 (requested: 150000)',
    tooLongMessage(150_000, 131_072),
  ],
  [
    'Mistral',
    'Prompt contains 140000 tokens and 0 draft tokens, too large for model with 131072 maximum context length',
    tooLongMessage(140_000, 131_072),
  ],
  [
    'Gemini',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    tooLongMessage(1_200_000, 1_048_576),
  ],
  [
    'xAI',
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    tooLongMessage(537_812, 131_072),
  ],
  [
    'TGI',
    'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 1000 `max_new_tokens`',
    'input length and `max_tokens` exceed context limit: 4000 + 1000 > 4096, decrease input length or `max_tokens` and try again',
  ],
  ['Alibaba', 'Range of input length should be [1, 98304]', tooLongMessage(150_000, 98_304)],
  ['MiniMax', 'invalid params, context window exceeds limit (2013)', tooLongMessage(200_001, 200_000)],
  ['z.ai', 'Prompt exceeds max length', tooLongMessage(200_001, 200_000)],
  ['Bedrock', 'Input is too long for requested model.', tooLongMessage(200_001, 200_000)],
  [
    'LM Studio',
    'Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens',
    tooLongMessage(150_000, 4_096),
  ],
  [
    'vLLM with nothing left for the answer',
    'max_tokens must be at least 1, got -14222.',
    tooLongMessage(200_001, 200_000),
  ],
  ['with thousands', 'prompt is too long: 1,215,000 tokens > 1,000,000 maximum', tooLongMessage(1_215_000, 1_000_000)],
];

/** Complaints that compacting would not mend (failures.md E-7), and other sentences. */
const otherSentences: readonly string[] = [
  'max_tokens=393216 cannot be greater than max_model_len=max_total_tokens=262144. Please request fewer output tokens. (parameter=max_tokens, value=393216)',
  'max_tokens is too large: 393216. This model supports at most 16384 completion tokens.',
  'max_completion_tokens must be less than or equal to 16384',
  'policy_blocked: the prompt is too long for this policy',
  'Rate limit reached: 60000 tokens per minute',
  "1 validation error: messages.0.role Input should be 'user'",
  'The model `x` does not exist.',
  '',
];

describe('context overflow', () => {
  for (const [server, said, message] of wordings)
    it(`is re-worded from ${server}`, () => {
      assert.deepEqual(describeOverflow(said, facts), { kind: 'prompt-too-long', message });
    });

  it('is worded so that every Claude Code version parses it', () => {
    for (const [, , message] of wordings.filter(([, , text]) => text.startsWith('prompt'))) {
      const [, tokens, maximum] = /prompt is too long[^0-9]*(\d+)\s*tokens?\s*>\s*(\d+)/i.exec(message) ?? [];
      assert.ok(Number(tokens) > Number(maximum));
    }
  });

  it('is not seen in other complaints', () => {
    for (const said of otherSentences) assert.equal(describeOverflow(said, facts), undefined, said);
  });

  it('is not seen behind other statuses', () => {
    const said = 'prompt is too long: 215000 tokens > 202752 maximum';
    for (const status of [401, 403, 404, 429, 502, 503])
      assert.equal(describeOverflow(said, { ...facts, status }), undefined);
    for (const status of [400, 413, 422, 500]) assert.ok(describeOverflow(said, { ...facts, status }));
  });

  it('is told by the code alone, and counted by the fields beside the sentence', () => {
    const said = 'Слишком длинный запрос.';
    assert.deepEqual(
      describeOverflow(said, {
        ...facts,
        codes: 'exceed_context_size_error',
        promptTokens: 9_000,
        windowTokens: 8_192,
      }),
      { kind: 'prompt-too-long', message: tooLongMessage(9_000, 8_192) },
    );
    assert.ok(describeOverflow(said, { ...facts, codes: 'context_length_exceeded' }));
  });
});
