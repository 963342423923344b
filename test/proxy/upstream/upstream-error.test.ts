import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorKind, wireFormOf } from '../../../proxy/errors.ts';
import { describeUpstreamError, readMessage, statusOfErrorBody } from '../../../proxy/upstream/upstream-error.ts';

const facts = {
  upstream: 'cloud.ru',
  model: 'zai-org/GLM-4.7',
  contextWindow: 200_000,
  estimatedInputTokens: 1_000,
};

function describeAnswer(status: number, body: unknown, retryAfter?: number) {
  return describeUpstreamError({ ...facts, status, body, ...(retryAfter === undefined ? {} : { retryAfter }) });
}

const page = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center><hr><center>nginx</center></body>\r\n</html>`;

/** Every row of failures.md 5 that comes with a status: what it becomes, and words that the person must find in it. */
const answers: readonly (readonly [row: string, status: number, body: unknown, kind: ErrorKind, words: string])[] = [
  [
    'E-1 vLLM old',
    404,
    {
      object: 'error',
      message: 'The model `zai-org/GLM-9` does not exist.',
      type: 'NotFoundError',
      param: null,
      code: 404,
    },
    'model-missing',
    'zai-org/GLM-9',
  ],
  [
    'E-2 vLLM new',
    404,
    { error: { message: 'The model `x` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } },
    'model-missing',
    'does not exist',
  ],
  [
    'E-3 Ollama, OpenAI door',
    404,
    {
      error: {
        message: 'model "x" not found, try pulling it first',
        type: 'not_found_error',
        param: null,
        code: null,
      },
    },
    'model-missing',
    'try pulling it first',
  ],
  ['E-3 Ollama, native', 404, { error: "model 'x' not found" }, 'model-missing', "model 'x' not found"],
  ['E-4 FastAPI 404', 404, { detail: 'Not Found' }, 'model-missing', 'Not Found'],
  ['E-4 FastAPI 429', 429, { detail: 'Rate limit exceeded: 15 per 1 second' }, 'rate-limited', '15 per 1 second'],
  [
    'E-4 FastAPI 422',
    422,
    { detail: [{ loc: ['body', 'messages'], msg: 'field required', type: 'value_error.missing' }] },
    'upstream-refused-request',
    'field required',
  ],
  ['E-5 429 plain', 429, 'Too Many Requests', 'rate-limited', 'Too Many Requests'],
  ['E-5 429 empty', 429, '', 'rate-limited', '429'],
  ['E-5 z.ai', 429, { error: { code: '1302', message: 'Rate limit reached' } }, 'rate-limited', 'Rate limit reached'],
  [
    'E-6 kserve',
    400,
    {
      error: {
        code: '400',
        message:
          "This model's maximum context length is 131072 tokens. However, you requested 156632 tokens (152536 in the messages, 4096 in the completion).",
        param: '',
        type: 'BadRequest',
      },
    },
    'prompt-too-long',
    'prompt is too long: 152536 tokens > 131072 maximum',
  ],
  [
    'E-6 llama.cpp',
    400,
    {
      error: {
        code: 400,
        message: 'the request exceeds the available context size, try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 9000,
        n_ctx: 8192,
      },
    },
    'prompt-too-long',
    'prompt is too long: 9000 tokens > 8192 maximum',
  ],
  [
    'E-7 answer length',
    400,
    {
      error: {
        message: 'max_tokens=393216 cannot be greater than max_model_len=max_total_tokens=262144.',
        type: 'BadRequestError',
        param: 'max_tokens',
        code: 400,
      },
    },
    'upstream-refused-request',
    'max_tokens=393216',
  ],
  ['E-11 nginx 502', 502, page('502 Bad Gateway'), 'upstream-failed', 'a web page titled "502 Bad Gateway"'],
  ['E-11 nginx 413', 413, page('413 Request Entity Too Large'), 'body-too-large', '413'],
  ['E-11 Cloudflare 403', 403, page('Just a moment...'), 'upstream-forbidden', 'Just a moment'],
  ['E-12 empty 500', 500, '', 'upstream-failed', '500'],
  [
    'E-12 odd 500',
    500,
    { success: false, error: { code: 'INTERNAL_SERVER_ERROR', status: 500, message: 'An unexpected error occurred.' } },
    'upstream-failed',
    'An unexpected error occurred.',
  ],
  [
    'E-12 Ollama busy',
    503,
    {
      error: {
        message: 'server busy, please try again.  maximum pending requests exceeded',
        type: 'api_error',
        param: null,
        code: null,
      },
    },
    'overloaded',
    'server busy',
  ],
  ['E-12 Anthropic 529', 529, { error: { type: 'overloaded_error', message: 'Overloaded' } }, 'overloaded', '529'],
  ['E-12 gateway timeout', 504, page('504 Gateway Time-out'), 'upstream-failed', '504'],
  ['E-12 nothing that tells', 500, { a: [1, { b: null }] }, 'upstream-failed', '500'],
  ['a number', 500, 17, 'upstream-failed', '500'],
  [
    'E-14 401',
    401,
    {
      error: {
        message: 'Incorrect API key provided: sk-abcdefghijkl.',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
    },
    'upstream-key-refused',
    'refused the key',
  ],
  ['E-14 403', 403, { message: 'forbidden' }, 'upstream-forbidden', 'forbidden'],
  ['empty balance, 402', 402, { message: 'Payment Required' }, 'balance-empty', 'Top it up'],
  [
    'empty balance, z.ai',
    429,
    { error: { code: '1113', message: 'Insufficient balance' } },
    'balance-empty',
    'Top it up',
  ],
  [
    'empty balance, OpenAI',
    429,
    {
      error: {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
    },
    'balance-empty',
    'current quota',
  ],
  ['empty balance, in Russian', 403, { message: 'Недостаточно средств на счёте' }, 'balance-empty', 'Недостаточно'],
  ['redirect', 302, '', 'upstream-failed', 'OPENAI_BASE_URL'],
];

describe('an upstream error', () => {
  for (const [row, status, body, kind, words] of answers)
    it(`is told by kind and in words: ${row}`, () => {
      const error = describeAnswer(status, body);
      assert.equal(error.kind, kind);
      assert.ok(error.message.includes(words), error.message);
      assert.ok(!/undefined|\[object|<html|null/.test(error.message), error.message);
      assert.equal(error.detail.upstreamStatus, status);
    });

  it('passes on how long to wait', () => {
    assert.equal(describeAnswer(429, '', 7).detail.retryAfter, 7);
    assert.equal(describeAnswer(503, '', 7).detail.retryAfter, 7);
  });

  it('never quotes a key', () => {
    for (const message of [
      'Incorrect API key provided: sk-proj-AbCd1234_EfGh. Find it in the console.',
      'invalid header Authorization: Bearer c2VjcmV0LXRva2VuLXZhbHVl',
    ]) {
      const text = describeAnswer(401, { error: { message } }).message;
      assert.ok(!/AbCd1234|c2VjcmV0/.test(text), text);
      assert.match(text, /\*\*\*/);
    }
  });

  it('is short and of one line, however long the body is', () => {
    const { message } = describeAnswer(500, { error: { message: 'a\n'.repeat(5_000) } });
    assert.ok(message.length < 700);
    assert.ok(!message.includes('\n'));
  });
});

describe('the status of an error inside a 200 answer', () => {
  const rows: readonly (readonly [row: string, body: Record<string, unknown>, status: number])[] = [
    ['E-8 SGLang', { error: { object: 'error', message: 'x', type: 'BadRequestError', code: 400 } }, 400],
    ['E-8 bare vLLM', { object: 'error', message: 'x', type: 'BadRequestError', code: 400 }, 400],
    ['E-6 code as text', { error: { code: '400', message: 'x' } }, 400],
    ['E-5 in a stream', { error: { message: 'x', type: 'TooManyRequests' } }, 429],
    ['E-5 code in words', { error: { message: 'x', code: 'rate_limit_exceeded' } }, 429],
    ['E-5 only the sentence', { error: { message: 'Rate limit reached', code: '1302' } }, 429],
    ['E-9 internal', { error: { message: 'boom', type: 'InternalServerError', code: 500 } }, 500],
    ['E-9 Venice', { error_type: 'overloaded', error_message: 'x' }, 503],
    ['E-9 text', { error: 'boom' }, 500],
    ['E-9 no words at all', { error: {} }, 500],
    ['E-12 unavailable', { error: { type: 'service_unavailable', message: 'x' } }, 503],
    ['E-14', { error: { type: 'authentication_error', message: 'x' } }, 401],
    ['permission', { error: { type: 'permission_error', message: 'x' } }, 403],
    ['missing model', { error: { type: 'NotFoundError', message: 'x' } }, 404],
    ['balance', { error: { code: 'insufficient_quota', message: 'x' } }, 402],
    ['overflow', { error: { code: 'context_length_exceeded', message: 'x' } }, 400],
  ];
  for (const [row, body, status] of rows) it(row, () => assert.equal(statusOfErrorBody(body), status));

  it('becomes an error of the same status', () => {
    for (const [row, body, status] of rows) {
      const form = wireFormOf(describeAnswer(statusOfErrorBody(body), body).kind);
      const expected: Record<number, number[]> = { 402: [429], 500: [502], 503: [529] };
      assert.ok((expected[status] ?? [status]).includes(form.status), `${row}: ${form.status}`);
    }
  });
});

describe('the sentence in an error body', () => {
  const rows: readonly (readonly [body: unknown, sentence: string])[] = [
    [{ error: { message: 'a' } }, 'a'],
    [{ error: 'a' }, 'a'],
    [{ message: 'a' }, 'a'],
    [{ detail: 'a' }, 'a'],
    [{ detail: [{ msg: 'a' }, { msg: 'b' }] }, 'a; b'],
    [{ error_message: 'a' }, 'a'],
    [{ error: { error: { message: 'a' } } }, 'a'],
    [{ errors: [{ message: 'a' }] }, 'a'],
    [{ msg: 'a', code: 500 }, 'a'],
    [{ error: 'invalid_grant', error_description: 'a' }, 'invalid_grant'],
    ['a  \n b', 'a b'],
    [page('Sign in'), 'a web page titled "Sign in"'],
    ['<!DOCTYPE html><body>x</body>', 'a web page'],
    [{}, ''],
    [null, ''],
    [undefined, ''],
    [{ message: null, error: null }, ''],
  ];
  it('is found in every shape', () => {
    for (const [body, sentence] of rows) assert.equal(readMessage(body), sentence, JSON.stringify(body));
  });
});
