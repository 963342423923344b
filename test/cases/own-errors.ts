import type { Expectation, FailureCase } from './case.ts';
import { breaks, call, calls, done, end, frame, message, refusal, role, say, streamed, text, whole } from './wire.ts';

const hello = [text('Hello')];
const html = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>${title}</body>\r\n</html>`;
const failed: Expectation = {
  terminal: 'http_error',
  http_status_any: [500, 502, 503, 504, 529],
  error_type_any: ['api_error', 'overloaded_error'],
};

/** The same refusal for a client that asked for a stream and one that did not: E-13. */
function refused(id: string, title: string, status: number, body: unknown, ...expect: Expectation[]): FailureCase[] {
  return [
    whole(id, title, { status, body }, expect, true),
    whole(`${id}-whole`, `${title}, unstreamed`, { status, body }, expect),
  ];
}

const late = (id: string, title: string, ...frames: string[]): FailureCase =>
  streamed(id, title, [role, say('Hello'), ...frames], [breaks(hello)]);

/** Errors of failures.md 5, before the answer and inside it. */
export const errorCases: readonly FailureCase[] = [
  ...refused(
    'E02',
    'vLLM new, 404',
    404,
    { error: { message: 'The model `x` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } },
    refusal(404, 'not_found_error', 'does not exist'),
  ),
  ...refused(
    'E03',
    'Ollama 404',
    404,
    {
      error: { message: 'model "x" not found, try pulling it first', type: 'not_found_error', param: null, code: null },
    },
    refusal(404, 'not_found_error', 'try pulling'),
  ),
  ...refused(
    'E04',
    'Ollama native 404',
    404,
    { error: "model 'x' not found" },
    refusal(404, 'not_found_error', "'x' not found"),
  ),
  ...refused('E05', 'empty 404', 404, '', refusal(404, 'not_found_error')),
  ...refused(
    'E06',
    '429 JSON',
    429,
    { error: { message: 'Slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' } },
    refusal(429, 'rate_limit_error', 'Slow down'),
  ),
  ...refused('E07', '429 plain text', 429, 'Too Many Requests', refusal(429, 'rate_limit_error', 'Too Many Requests')),
  ...refused(
    'E09',
    'context length, vLLM old',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 131072 tokens. However, you requested 156632 tokens (152536 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
    refusal(400, 'invalid_request_error', 'prompt is too long: 152536 tokens > 131072 maximum'),
  ),
  ...refused(
    'E10',
    'context length, vLLM new',
    400,
    {
      error: {
        message:
          "This model's maximum context length is 131072 tokens. However, you requested 4096 output tokens and your prompt contains at least 150000 input tokens, for a total of at least 154096 tokens. (parameter=input_tokens, value=150000)",
        type: 'BadRequestError',
        param: 'input_tokens',
        code: 400,
      },
    },
    refusal(400, 'invalid_request_error', 'prompt is too long: 150000 tokens > 131072 maximum'),
  ),
  ...refused(
    'E12',
    'context length, llama.cpp',
    400,
    {
      error: {
        code: 400,
        message: 'request (12000 tokens) exceeds the available context size (8192 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 12_000,
        n_ctx: 8_192,
      },
    },
    refusal(400, 'invalid_request_error', 'prompt is too long: 12000 tokens > 8192 maximum'),
  ),
  ...refused('E16', 'nginx 413', 413, html('413 Request Entity Too Large'), {
    ...refusal(413, 'request_too_large'),
    error_type_any: ['request_too_large', 'invalid_request_error'],
  }),
  ...refused('E29', 'empty 500', 500, '', failed),
  ...refused('E29-odd', '500 with JSON that says nothing', 500, { a: [] }, failed),
  ...refused(
    'E34',
    '529',
    529,
    { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    { ...failed, error_type_any: ['overloaded_error'] },
  ),
  ...refused(
    'E35',
    '403',
    403,
    { detail: 'forbidden' },
    {
      terminal: 'http_error',
      http_status_any: [401, 403, 500, 502],
      error_type_any: ['authentication_error', 'permission_error', 'api_error'],
    },
  ),
  ...refused('E36', '402', 402, { message: 'Payment required' }, refusal(429, 'billing_error', 'Payment required')),
  ...refused(
    'E28',
    '422',
    422,
    { detail: [{ loc: ['body', 'tools'], msg: 'value is not a valid list', type: 'type_error.list' }] },
    refusal(400, 'invalid_request_error', 'not a valid list'),
  ),
  ...refused(
    'E10-200',
    '200 with an error',
    200,
    { error: { message: 'The model is loading', type: 'ServiceUnavailableError', code: 503 } },
    failed,
  ),
  ...refused(
    'E10-200-bare',
    '200 with a bare error',
    200,
    { code: 500, msg: 'internal error', success: false },
    failed,
  ),
  ...refused('E10-200-code', '200 with a code', 200, { code: '1301', message: 'unsafe content' }, failed),
  ...refused('E10-200-detail', '200 with a detail', 200, { detail: 'Not Found' }, failed),
  ...refused('E27', '200 with a login page', 200, html('Sign in'), failed),
  ...refused('E27-text', '200 with words', 200, 'upstream connect error', failed),
  ...refused('E27-empty', '200 with nothing', 200, '', failed),
  ...refused('E27-array', '200 with a list', 200, [], failed),
  ...refused('E27-string', '200 with a JSON text', 200, '"ok"', failed),
  whole('E30', 'redirect', { status: 302, body: '', headers: { location: 'http://127.0.0.1:9/' } }, [failed], true),
  {
    ...whole('E30-hangup', 'the connection closes without an answer', { body: '' }, [failed], true),
    upstream: { status: 0, headers: {}, transport_error: true },
  },
  streamed(
    'E31',
    '429 inside a 200 stream',
    [frame({ error: { message: 'Rate limit exceeded', type: 'rate_limit_error', code: 429 } }), done],
    [refusal(429, 'rate_limit_error', 'Rate limit exceeded')],
  ),
  streamed(
    'E31-event',
    '429 inside a 200 stream, as an event',
    ['event: error\n', frame({ message: 'Too many requests', code: 429 })],
    [refusal(429, 'rate_limit_error', 'Too many requests')],
  ),
  streamed(
    'E11-context',
    'context length inside a 200 stream, behind the role',
    [
      role,
      frame({
        error: {
          message: "The input (345516 tokens) is longer than the model's context length (262144 tokens).",
          code: 400,
        },
      }),
    ],
    [refusal(400, 'invalid_request_error', 'prompt is too long: 345516 tokens > 262144 maximum')],
  ),
  streamed('E25', 'only [DONE]', [done], [failed]),
  streamed('E25-role', 'only the role and [DONE]', [role, done], [failed]),
  streamed('E25-stop', 'the role, stop, [DONE]', [role, end('stop'), done], [failed]),
  streamed('E25-blank', 'only blanks', [role, say('\n\n'), say(' '), end('stop'), done], [failed]),
  streamed('E25-ping', 'only keep-alives', [': ping\n\n', ': ping\n\n'], [failed]),
  late('E19', 'error frame', frame({ error: { message: 'boom', type: 'InternalServerError', code: 500 } })),
  late('E19-then', 'error frame, then more', frame({ error: { message: 'boom' } }), say(' there'), end('stop'), done),
  late('E19-text', 'error frame that is a text', frame({ error: 'boom' }), done),
  late(
    'E20',
    'bare error object',
    frame({ object: 'error', message: 'boom', type: 'InternalServerError', param: null, code: 500 }),
    done,
  ),
  late('E21', 'Venice', frame({ error_type: 'internal', error_message: 'boom' })),
  late('E21-event', 'error event in words', 'event: error\ndata: upstream went away\n\n'),
  late('E21-detail', 'FastAPI detail in the stream', frame({ detail: 'boom' })),
  late(
    'E19-choice',
    'error beside a choice',
    frame({
      choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      error: { code: 502, message: 'boom' },
    }),
  ),
  late('E23', 'clean end without finish reason and [DONE]'),
  streamed(
    'E24-text',
    'end inside arguments, behind text',
    [role, say('Hello'), calls(call(0, 'c', 'Write', '{"file_path": "/a'))],
    [breaks(hello)],
  ),
  streamed(
    'E24-name',
    'end right behind the name',
    [role, say('Hello'), calls(call(0, 'c', 'Write', ''))],
    [breaks(hello)],
  ),
  streamed(
    'E22-call',
    'reset inside arguments',
    [role, calls(call(0, 'c', 'Write', '{"file_path": "/a'))],
    [breaks([])],
    { disconnect: 'reset' },
  ),
  streamed(
    'E22-whole',
    'reset behind a whole call',
    [role, calls(call(0, 'c', 'Read', '{"file_path": "/a"}'))],
    [breaks([])],
    { disconnect: 'reset' },
  ),
  streamed('E22-first', 'reset before the first word', [role], [failed], { disconnect: 'reset' }),
  streamed('E22-frame', 'end inside a frame', [role, say('Hello'), say('lost').slice(0, 60)], [breaks(hello)]),
  streamed(
    'E37',
    'error false and empty',
    [role, say('Hello').replace('}\n', ',"error":false}\n'), end('stop').replace('}\n', ',"error":""}\n'), done],
    [message('end_turn', hello)],
  ),
];
