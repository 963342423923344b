import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { BrokenFrame } from '../../../proxy/openai/chunk.ts';
import { ChunkReader } from '../../../proxy/openai/chunk-reader.ts';

interface Read {
  values: unknown[];
  done: boolean;
}

/** Reads a body in pieces of one size; a value that can't be read shows as its text. */
function read(body: string | Buffer, size = Number.POSITIVE_INFINITY): Read {
  const bytes = Buffer.from(body);
  const reader = new ChunkReader();
  const values: unknown[] = [];
  const step = Math.min(size, Math.max(1, bytes.length));
  for (let at = 0; at < bytes.length; at += step) values.push(...reader.push(bytes.subarray(at, at + step)));
  values.push(...reader.end());
  return {
    values: values.map((value) => (value instanceof BrokenFrame ? `broken ${value.data}` : value)),
    done: reader.done,
  };
}

const one = { n: 1 };
const two = { n: 2 };
const unicode = { text: 'Привет, мир 🎉 𝔘' };

/** Every row of failures.md 4 about framing, and what has to come out whatever the cut. */
const bodies: readonly (readonly [row: string, body: string | Buffer, expected: Read])[] = [
  ['plain', 'data: {"n":1}\n\ndata: {"n":2}\n\ndata: [DONE]\n\n', { values: [one, two], done: true }],
  ['S-1 split characters', `data: ${JSON.stringify(unicode)}\n\n`, { values: [unicode], done: false }],
  ['S-2 CRLF', 'data: {"n":1}\r\n\r\ndata: {"n":2}\r\n\r\n', { values: [one, two], done: false }],
  ['S-2 lone CR', 'data: {"n":1}\r\rdata: {"n":2}\r\r', { values: [one, two], done: false }],
  ['S-2 mixed', 'data: {"n":1}\r\n\ndata: {"n":2}\n\r\n', { values: [one, two], done: false }],
  ['S-3 no space', 'data:{"n":1}\n\ndata:[DONE]\n\n', { values: [one], done: true }],
  ['S-3 spaces', 'data:   {"n":1}  \n\ndata:  [DONE] \n\n', { values: [one], done: true }],
  [
    'S-3 all fields',
    'event: message\nid: 7\nretry: 3000\ndata: {"n":1}\n\nid: 8\ndata: {"n":2}\n\n',
    { values: [one, two], done: false },
  ],
  ['S-3 fields that nobody knows', 'x-trace: 1\n\ntime: 2\ndata: {"n":1}\n\n', { values: [one], done: false }],
  ['S-3 several data lines, one value', 'data: {"n":\ndata: 1}\n\n', { values: [one], done: false }],
  [
    'S-3 a value cut inside its text',
    'data: {"text":"Привет, \ndata: мир 🎉 𝔘"}\n\n',
    { values: [unicode], done: false },
  ],
  ['S-3 byte order mark', '\uFEFFdata: {"n":1}\n\n', { values: [one], done: false }],
  ['blank lines first', '\n\n\r\ndata: {"n":1}\n\n', { values: [one], done: false }],
  [
    'S-4 comments',
    ': OPENROUTER PROCESSING\n\n:\n\ndata: {"n":1}\n\n: ping\ndata: {"n":2}\n\n',
    { values: [one, two], done: false },
  ],
  ['S-4 data that is a comment', 'data: : keepalive\n\ndata: {"n":1}\n\ndata:\n\n', { values: [one], done: false }],
  ['S-4 ping events', 'event: ping\ndata: {}\n\ndata: {"n":1}\n\n', { values: [{}, one], done: false }],
  ['S-5 no [DONE]', 'data: {"n":1}\n\n', { values: [one], done: false }],
  ['S-5 last frame without a line end', 'data: {"n":1}\n\ndata: {"n":2}', { values: [one, two], done: false }],
  ['S-5 [DONE] without a line end', 'data: {"n":1}\n\ndata: [DONE]', { values: [one], done: true }],
  [
    'S-5 frames behind [DONE]',
    'data: {"n":1}\n\ndata: [DONE]\n\ndata: {"n":2}\n\ndata: {{{\n\n',
    { values: [one], done: true },
  ],
  [
    'S-5 [DONE] as content (N15)',
    'data: {"text":"data: [DONE]\\n\\n"}\n\ndata: {"n":2}\n\n',
    { values: [{ text: 'data: [DONE]\n\n' }, two], done: false },
  ],
  [
    'S-5 one line end between frames',
    'data: {"n":1}\ndata: {"n":2}\ndata: [DONE]\n\n',
    { values: [one, two], done: true },
  ],
  [
    'S-9 a broken frame among good ones',
    'data: {"n":1}\n\ndata: {"n":2,"te\n\ndata: {"n":2}\n\n',
    { values: [one, 'broken {"n":2,"te', two], done: false },
  ],
  [
    'S-9 a frame without its first brace',
    'data: "choices":[]}\n\ndata: {"n":1}\n\n',
    { values: ['broken "choices":[]}', one], done: false },
  ],
  ['S-9 a frame cut by the end', 'data: {"n":1}\n\ndata: {"n":', { values: [one, 'broken {"n":'], done: false }],
  ['S-10 one JSON object', '{"n":1}', { values: [one], done: true }],
  ['S-10 pretty JSON behind blanks', '\n \n{\n  "n": 1\n}\n', { values: [one], done: true }],
  ['S-10 JSON with a byte order mark', '\uFEFF{"n":1}', { values: [one], done: true }],
  [
    'E-9 event: error',
    'event: error\ndata: {"message":"boom"}\n\n',
    { values: [{ error: { message: 'boom' } }], done: false },
  ],
  [
    'E-9 event: error with an envelope',
    'event: error\ndata: {"error":{"message":"boom"}}\n\n',
    { values: [{ error: { message: 'boom' } }], done: false },
  ],
  [
    'E-9 event: error in words',
    'event: error\ndata: boom\n\n',
    { values: [{ error: { message: 'boom' } }], done: false },
  ],
  ['E-15 only [DONE]', 'data: [DONE]\n\n', { values: [], done: true }],
  ['only keep-alives', ': ping\n\n: ping\n\n', { values: [], done: false }],
  ['nothing', '', { values: [], done: false }],
  ['only blanks', ' \n\n ', { values: [], done: false }],
  [
    'bytes that are no UTF-8',
    Buffer.concat([Buffer.from('data: {"text":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}\n\n')]),
    { values: [{ text: '\uFFFD\uFFFD' }], done: false },
  ],
];

describe('reading a chat completions body', () => {
  for (const [row, body, expected] of bodies)
    it(`gives the same values for every cut: ${row}`, () => {
      for (const size of [Number.POSITIVE_INFINITY, 1, 2, 3, 7]) assert.deepEqual(read(body, size), expected);
    });

  const strays: readonly (readonly [row: string, body: string, words: RegExp])[] = [
    [
      'E-11 a login page',
      '<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>',
      /a web page \("Sign in"\)/,
    ],
    ['E-11 a page without a title', '\n<html></html>', /a web page where/],
    ['plain text', 'upstream connect error or disconnect/reset before headers', /no chat answer/],
    ['plain text in lines', 'Service\n\nUnavailable\n', /no chat answer/],
    ['half a JSON answer', '{"n":1', /half a JSON answer/],
  ];
  for (const [row, body, words] of strays)
    it(`refuses what is no answer: ${row}`, () => {
      for (const size of [Number.POSITIVE_INFINITY, 1])
        assert.throws(
          () => read(body, size),
          (error) => error instanceof StrelkaError && error.kind === 'answer-unreadable' && words.test(error.message),
        );
    });

  it('reads one long line of many small pieces in reasonable time', () => {
    const value = { text: 'x'.repeat(300_000) };
    assert.deepEqual(read(`data: ${JSON.stringify(value)}\n\n`, 3).values, [value]);
    assert.deepEqual(read(JSON.stringify(value), 3).values, [value]);
  });
});
