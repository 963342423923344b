/** What goes wrong on the wire. */
export type Wire =
  | { kind: 'refuse'; status: number; headers?: Record<string, string>; body: string | object }
  | { kind: 'before-headers'; ending: 'reset' | 'hang' }
  /** The stream is sent up to a place, then this happens. */
  | { kind: 'in-stream'; at: 'role' | 'text' | 'anywhere'; ending: Break }
  /** 200 with these frames in place of an answer. */
  | { kind: 'frames'; data: readonly string[] }
  /** The address leads nowhere. */
  | { kind: 'nowhere'; where: 'unknown-name' | 'closed-port' };

export type Break = 'reset' | 'hang' | 'end' | 'error';

export interface Fault {
  name: string;
  wire: Wire;
  /** What a client is told where nobody stands in and nothing of the answer has gone out (issue 2, "Errors"). */
  alone: { status: number; type: string };
  /** The client of a stream has a part of the answer by then, so that it gets an `error` event instead. */
  afterCommit?: boolean;
  retryAfter?: string;
}

const failed = { status: 502, type: 'api_error' };
const errorFrame = JSON.stringify({
  error: { object: 'error', message: 'The worker died.', type: 'InternalServerError', code: 500 },
});
export const midStreamError = errorFrame;

/** The catalogue of failures.md 5, each fault by itself. */
export const faults: readonly Fault[] = [
  {
    name: 'model 404',
    wire: {
      kind: 'refuse',
      status: 404,
      body: { error: { message: 'The model `x` does not exist.', type: 'NotFoundError', param: 'model', code: 404 } },
    },
    alone: { status: 404, type: 'not_found_error' },
  },
  {
    name: '429',
    wire: { kind: 'refuse', status: 429, body: { detail: 'Too Many Requests' } },
    alone: { status: 429, type: 'rate_limit_error' },
  },
  {
    name: '429, Retry-After',
    wire: { kind: 'refuse', status: 429, headers: { 'retry-after': '20' }, body: 'slow down' },
    alone: { status: 429, type: 'rate_limit_error' },
    retryAfter: '20',
  },
  {
    name: '500',
    wire: { kind: 'refuse', status: 500, body: { error: { message: 'CUDA error', type: 'InternalServerError' } } },
    alone: failed,
  },
  {
    name: '502 HTML',
    wire: {
      kind: 'refuse',
      status: 502,
      headers: { 'content-type': 'text/html' },
      body: '<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>',
    },
    alone: failed,
  },
  {
    name: '503',
    wire: { kind: 'refuse', status: 503, body: '' },
    alone: { status: 529, type: 'overloaded_error' },
  },
  {
    name: 'hang before headers',
    wire: { kind: 'before-headers', ending: 'hang' },
    alone: { status: 504, type: 'timeout_error' },
  },
  {
    name: 'hang in the stream, before commit',
    wire: { kind: 'in-stream', at: 'role', ending: 'hang' },
    alone: { status: 504, type: 'timeout_error' },
  },
  {
    name: 'hang in the stream, after commit',
    wire: { kind: 'in-stream', at: 'text', ending: 'hang' },
    alone: { status: 504, type: 'timeout_error' },
    afterCommit: true,
  },
  { name: 'reset before headers', wire: { kind: 'before-headers', ending: 'reset' }, alone: failed },
  {
    name: 'reset in the stream, before commit',
    wire: { kind: 'in-stream', at: 'role', ending: 'reset' },
    alone: failed,
  },
  {
    name: 'reset in the stream, after commit',
    wire: { kind: 'in-stream', at: 'text', ending: 'reset' },
    alone: failed,
    afterCommit: true,
  },
  {
    name: 'end in the stream, after commit',
    wire: { kind: 'in-stream', at: 'text', ending: 'end' },
    alone: failed,
    afterCommit: true,
  },
  {
    name: 'empty answer',
    wire: {
      kind: 'frames',
      data: ['{"id":"c","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":"stop"}]}', '[DONE]'],
    },
    alone: failed,
  },
  { name: 'only [DONE]', wire: { kind: 'frames', data: ['[DONE]'] }, alone: failed },
  { name: '200, error frame first', wire: { kind: 'frames', data: [errorFrame] }, alone: failed },
  {
    name: 'error frame in the stream',
    wire: { kind: 'in-stream', at: 'text', ending: 'error' },
    alone: failed,
    afterCommit: true,
  },
  {
    name: 'wrong key 401',
    wire: { kind: 'refuse', status: 401, body: { detail: 'Invalid API key' } },
    alone: { status: 401, type: 'authentication_error' },
  },
  {
    name: 'empty balance 402',
    wire: { kind: 'refuse', status: 402, body: { error: { message: 'Payment required' } } },
    alone: { status: 429, type: 'billing_error' },
  },
  { name: 'DNS failure', wire: { kind: 'nowhere', where: 'unknown-name' }, alone: failed },
  { name: 'connection refused', wire: { kind: 'nowhere', where: 'closed-port' }, alone: failed },
];

/** Breaks at any place of the stream, of text, thinking or calls alike; for the mixed drill. */
export const breaksAnywhere: readonly Fault[] = (['reset', 'hang', 'end', 'error'] as const).map((ending) => ({
  name: `${ending} anywhere in the stream`,
  wire: { kind: 'in-stream', at: 'anywhere', ending },
  alone: ending === 'hang' ? { status: 504, type: 'timeout_error' } : failed,
}));
