import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import type { Exchange } from '../../proxy/exchange.ts';
import { GatewayServer } from '../../proxy/server.ts';
import type { Services } from '../../proxy/services.ts';
import { type ChatUpstream, type Script, startChatUpstream } from '../fakes/chat-upstream.ts';
import { clientKey, post, startTestGateway, type TestGateway } from '../fakes/gateway.ts';
import { RawClient, readError } from '../fakes/raw-client.ts';

const sound = { model: 'claude-sonnet-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] };
const headers = `host: localhost\r\nx-api-key: ${clientKey}\r\nanthropic-version: 2023-06-01\r\ncontent-type: application/json`;
const megabyte = 1024 * 1024;
const errorBody = z.object({
  type: z.string(),
  error: z.object({ type: z.string(), message: z.string() }),
  request_id: z.string(),
});

let script: Script = () => ({ text: 'Hi' });
let upstream: ChatUpstream;
let gateway: TestGateway;

before(async () => {
  upstream = await startChatUpstream((request, turn) => script(request, turn));
  gateway = await startTestGateway(upstream.url);
});

after(async () => {
  await gateway.drain(0);
  await upstream.close();
});

/** The service goes on: the next request is answered. */
async function assertAlive(): Promise<void> {
  script = () => ({ text: 'Hi' });
  const response = await post(gateway, '/v1/messages', sound);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /"text":"Hi"/);
}

async function assertError(response: Response, status: number, type: string, words: RegExp): Promise<void> {
  assert.match(response.headers.get('request-id') ?? '', /^req_\w{24}$/);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const body = errorBody.parse(await response.json());
  assert.deepEqual([response.status, body.type, body.error.type], [status, 'error', type], body.error.message);
  assert.match(body.error.message, words);
  assert.equal(body.request_id, response.headers.get('request-id'));
}

const ask = (path: string, options: RequestInit = {}): Promise<Response> =>
  fetch(gateway.url + path, {
    ...options,
    headers: { 'x-api-key': clientKey, 'anthropic-version': '2023-06-01', ...options.headers },
  });

/** fetch does not let go of some headers; node:http does. */
async function askWith(fields: Record<string, string>, path = '/v1/models'): Promise<Response> {
  const { hostname, port } = new URL(gateway.url);
  const request = httpRequest({ hostname, port, path, headers: { 'x-api-key': clientKey, ...fields } });
  request.end();
  const [response] = await once(request, 'response');
  const pieces: Buffer[] = await response.toArray();
  return new Response(Buffer.concat(pieces), { status: response.statusCode, headers: response.headers });
}

describe('bad bodies', () => {
  const bodies: readonly (readonly [title: string, body: string, words: RegExp])[] = [
    ['nothing', '', /not valid JSON/],
    ['no JSON', 'hello', /not valid JSON/],
    ['half JSON', '{"model":"x","messages":[{"ro', /not valid JSON/],
    ['no UTF-8 as JSON', '\u0000\u0001', /not valid JSON/],
    ['a list', '[]', /./],
    ['a text', '"hello"', /./],
    ['null', 'null', /./],
    ['an empty object', '{}', /model|messages|max_tokens/],
    ['no messages', JSON.stringify({ ...sound, messages: undefined }), /messages/],
    ['empty messages', JSON.stringify({ ...sound, messages: [] }), /messages/],
    ['messages of a wrong type', JSON.stringify({ ...sound, messages: 'Hello' }), /messages/],
    ['content of a wrong type', JSON.stringify({ ...sound, messages: [{ role: 'user', content: 7 }] }), /content/],
    ['a role of a wrong type', JSON.stringify({ ...sound, messages: [{ role: 7, content: 'x' }] }), /role/],
    ['a model of a wrong type', JSON.stringify({ ...sound, model: 7 }), /model/],
    ['tools of a wrong type', JSON.stringify({ ...sound, tools: 'none' }), /tools/],
    ['max_tokens of a wrong type', JSON.stringify({ ...sound, max_tokens: 'many' }), /max_tokens/],
    ['JSON of great depth', '['.repeat(200_000), /./],
  ];
  for (const [title, body, words] of bodies)
    it(`are refused in words: ${title}`, async () => {
      for (const path of ['/v1/messages', '/v1/messages/count_tokens?beta=true']) {
        if (path.includes('count') && title.startsWith('max_tokens')) continue;
        await assertError(await post(gateway, path, body), 400, 'invalid_request_error', words);
      }
      await assertAlive();
    });

  it('of 65 MB are refused by their announced length', async () => {
    const body = Buffer.alloc(65 * megabyte, 0x20);
    const response = await ask('/v1/messages', { method: 'POST', body });
    await assertError(response, 413, 'request_too_large', /larger than 64 MB/);
    await assertAlive();
  });

  it('of 65 MB in chunks are refused while they come, and the answer arrives', async () => {
    const client = await RawClient.connect(gateway.url);
    await client.send(`POST /v1/messages HTTP/1.1\r\n${headers}\r\ntransfer-encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(megabyte, 0x20), Buffer.from('\r\n')]);
    for (let count = 0; count < 65; count += 1) await client.send(chunk);
    await client.send('0\r\n\r\n');
    const { status, type, requestId } = readError(await client.receive('request_id'));
    assert.deepEqual([status, type], [413, 'request_too_large']);
    assert.match(requestId, /^req_/);
    client.socket.destroy();
    await assertAlive();
  });
});

describe('paths and methods', () => {
  for (const path of [
    '/v1/nothing',
    '/v2/messages',
    '/v1/messages/batches',
    '/v1/models/none',
    '/v1/models/%E0%A4%A',
    '/favicon.ico',
    '/..%2f',
  ])
    it(`knows nothing at ${path}`, async () => {
      await assertError(await ask(path), 404, 'not_found_error', /nothing at|model/i);
    });

  it('refuses other methods', async () => {
    await assertError(await ask('/v1/messages'), 405, 'invalid_request_error', /takes POST, not GET/);
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      await assertError(await ask('/v1/messages', { method }), 405, 'invalid_request_error', /takes POST/);
    await assertError(await ask('/health', { method: 'POST', body: '{}' }), 405, 'invalid_request_error', /takes GET/);
  });

  for (const path of [
    '//v1/messages',
    '/v1//messages',
    '/v1/messages/',
    '/v1/v1/messages',
    '/v1/messages?beta=true',
    '//v1//v1//messages//?beta=true',
  ])
    it(`answers at ${path}`, async () => {
      script = () => ({ text: 'Hi' });
      const response = await post(gateway, path, sound);
      assert.equal(response.status, 200);
      assert.match(await response.text(), /"text":"Hi"/);
    });

  it('bears targets that are no path', async () => {
    for (const target of [
      '//',
      '///?',
      '*',
      '/%',
      '/?%',
      '/\\',
      '//[',
      '/a?b?c',
      'http://localhost/health',
      'http://[/',
    ]) {
      const client = await RawClient.connect(gateway.url);
      await client.send(`GET ${target} HTTP/1.1\r\n${headers}\r\nconnection: close\r\n\r\n`);
      assert.match(await client.receiveAll(), /^HTTP\/1\.1 (?:200|40[045]) /, target);
    }
    await assertAlive();
  });

  it('answers the preconnect and the health check without a key, and says nothing secret', async () => {
    for (const [method, path] of [
      ['HEAD', '/'],
      ['GET', '/'],
      ['HEAD', '/api/hello'],
      ['GET', '/api/hello'],
      ['HEAD', '/health'],
      ['GET', '/health'],
    ] as const) {
      const response = await fetch(gateway.url + path, { method });
      assert.equal(response.status, 200, `${method} ${path}`);
      assert.match(response.headers.get('request-id') ?? '', /^req_/);
      const text = await response.text();
      assert.equal(text === '', method === 'HEAD');
      assert.ok(!text.includes(clientKey) && !text.includes('upstream-key') && !text.includes(upstream.url), text);
    }
    const health = z.looseObject({ version: z.string(), mode: z.string(), state: z.string() });
    assert.equal(health.parse(await (await fetch(`${gateway.url}/health`)).json()).version, '0.0.0-test');
  });
});

describe('the door', () => {
  it('wants the key, in either header', async () => {
    for (const fields of [
      {},
      { 'x-api-key': '' },
      { 'x-api-key': 'wrong' },
      { authorization: 'Bearer wrong' },
      { authorization: `Basic ${clientKey}` },
    ]) {
      const response = await fetch(`${gateway.url}/v1/messages`, {
        method: 'POST',
        headers: { 'anthropic-version': '2023-06-01', ...fields },
        body: JSON.stringify(sound),
      });
      assert.equal(response.headers.get('x-should-retry'), 'false');
      await assertError(response, 401, 'authentication_error', /strelka -- key/);
    }
    for (const fields of [
      { 'x-api-key': clientKey },
      { authorization: `Bearer ${clientKey}` },
      { 'x-api-key': 'wrong', authorization: `bearer ${clientKey}` },
    ]) {
      const response = await fetch(`${gateway.url}/v1/models`, { headers: fields });
      assert.equal(response.status, 200);
      await response.text();
    }
  });

  it('tells a client without the key nothing about paths', async () => {
    const response = await fetch(`${gateway.url}/v1/nothing`, { headers: { 'anthropic-version': '2023-06-01' } });
    await assertError(response, 401, 'authentication_error', /key/);
  });

  it('answers to names of this machine only', async () => {
    const { port } = new URL(gateway.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'LOCALHOST'])
      assert.equal((await askWith({ host })).status, 200, host);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '10.0.0.1',
      '@',
      'a b',
    ])
      await assertError(await askWith({ host }), 403, 'permission_error', /localhost/);
  });

  it('refuses a request without a Host header in words', async () => {
    for (const host of ['', 'host:\r\n']) {
      const client = await RawClient.connect(gateway.url);
      await client.send(`GET /health HTTP/1.1\r\n${host}anthropic-version: 1\r\nconnection: close\r\n\r\n`);
      assert.equal(readError(await client.receiveAll()).type, 'permission_error');
    }
  });

  it('refuses web pages, but for its own', async () => {
    const { port } = new URL(gateway.url);
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost:1',
      `https://localhost:${port}`,
      'file://',
      `http://localhost.evil.example:${port}`,
    ])
      await assertError(await askWith({ origin }), 403, 'permission_error', /Web pages/);
    assert.equal((await askWith({ origin: `http://localhost:${port}` })).status, 200);
  });

  it('does not refuse an expectation that it does not know', async () => {
    assert.equal((await askWith({ expect: 'the best' }, '/health')).status, 200);
  });
});

describe('broken clients', () => {
  it('may send anything that is no HTTP', async () => {
    for (const bytes of [
      'hello\r\n\r\n',
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      '\u0016\u0003\u0001\u0002\u0000\u0001',
      `GET / HTTP/1.1\r\na: ${'x'.repeat(100_000)}\r\n\r\n`,
      'POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n',
    ]) {
      const client = await RawClient.connect(gateway.url);
      await client.send(bytes);
      const { status, type, requestId, message } = readError(await client.receiveAll());
      assert.deepEqual([status, type], [400, 'invalid_request_error'], JSON.stringify(bytes.slice(0, 20)));
      assert.match(requestId, /^req_/);
      assert.match(message, /not a valid HTTP request/);
    }
    await assertAlive();
  });

  it('may leave with half a head or half a body', async () => {
    for (const bytes of [
      'POST /v1/mess',
      `POST /v1/messages HTTP/1.1\r\n${headers}\r\ncontent-length: 1000\r\n\r\n{"model":`,
      `POST /v1/messages HTTP/1.1\r\n${headers}\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"mo`,
    ]) {
      for (const leave of ['end', 'destroy'] as const) {
        const client = await RawClient.connect(gateway.url);
        await client.send(bytes);
        if (leave === 'end') client.socket.end();
        else client.socket.resetAndDestroy();
        await client.receiveAll();
      }
    }
    await assertAlive();
  });

  it('gets no second answer in the middle of the first', async () => {
    const held = Promise.withResolvers<void>();
    script = async () => {
      await held.promise;
      return { text: 'Hi' };
    };
    const client = await RawClient.connect(gateway.url);
    const body = JSON.stringify(sound);
    await client.send(`POST /v1/messages HTTP/1.1\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const chunked = `POST /v1/messages HTTP/1.1\r\n${headers}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`;
    await client.send(chunked);
    held.resolve();
    const answers = (await client.receiveAll()).match(/^HTTP\/1\.1 \d{3}/gm) ?? [];
    assert.ok(answers.length <= 2, answers.join());
    await assertAlive();
  });
});

describe('garbage behind a request', () => {
  it('does not get into the answer that is being streamed', async () => {
    script = () => ({ text: 'word '.repeat(100_000) });
    const client = await RawClient.connect(gateway.url);
    const body = JSON.stringify({ ...sound, stream: true });
    await client.send(`POST /v1/messages HTTP/1.1\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await client.receive('message_start');
    await client.send('garbage\r\n\r\n');
    const received = await client.receiveAll();
    assert.equal(received.match(/HTTP\/1\.1 \d{3}/g)?.length, 1);
    await assertAlive();
  });
});

describe('a client that keeps half a request to itself', () => {
  const closed = Promise.withResolvers<Exchange>();
  const server = new GatewayServer({
    // Nothing gets as far as a route here.
    services: {} as Services,
    observer: { closed: closed.resolve },
    guard: () => ({ host: '127.0.0.1', port: 0, allowedHosts: [], clientKey, bodyLimit: megabyte }),
    health: () => ({}),
    patience: { headersMs: 50, requestMs: 100, checkMs: 20 },
  });
  const listener = server.create();
  let url = '';

  before(async () => {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  });

  after(() => {
    listener.close();
    listener.closeAllConnections();
  });

  it('is told so when the time is up', async () => {
    for (const bytes of [
      'POST /v1/mess',
      `POST /v1/messages HTTP/1.1\r\n${headers}\r\ncontent-length: 1000\r\n\r\n{"model":`,
    ]) {
      const client = await RawClient.connect(url);
      await client.send(bytes);
      const { status, type, requestId } = readError(await client.receiveAll());
      assert.deepEqual([status, type], [408, 'timeout_error']);
      assert.match(requestId, /^req_/);
    }
    assert.equal((await closed.promise).outcome, 'client-left');
  });
});

describe('clients and their streams', () => {
  it('a client that leaves takes its upstream request along', async () => {
    for (const stream of [true, false]) {
      const arrived = Promise.withResolvers<AbortSignal>();
      const held = Promise.withResolvers<void>();
      script = async ({ signal }) => {
        arrived.resolve(signal);
        await held.promise;
        return { text: 'Too late' };
      };
      const leaving = new AbortController();
      const answer = ask('/v1/messages', {
        method: 'POST',
        body: JSON.stringify({ ...sound, stream }),
        signal: leaving.signal,
      });
      const signal = await arrived.promise;
      const aborted = once(signal, 'abort');
      leaving.abort();
      await assert.rejects(answer);
      await aborted;
      held.resolve();
    }
    await assertAlive();
  });

  it('a client that leaves in mid-stream takes its upstream request along', async () => {
    const aborted = Promise.withResolvers<void>();
    script = ({ signal }) => {
      signal.addEventListener('abort', () => aborted.resolve(), { once: true });
      return { text: 'word '.repeat(200_000) };
    };
    const client = await RawClient.connect(gateway.url);
    const body = JSON.stringify({ ...sound, stream: true });
    await client.send(`POST /v1/messages HTTP/1.1\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await client.receive('text_delta');
    client.socket.destroy();
    await aborted.promise;
    await assertAlive();
  });

  it('a slow reader gets every word', async () => {
    const text = Array.from({ length: 60_000 }, (_, count) => `w${count} `).join('');
    const arrived = Promise.withResolvers<void>();
    script = () => {
      arrived.resolve();
      return { text };
    };
    const client = await RawClient.connect(gateway.url);
    client.socket.pause();
    const body = JSON.stringify({ ...sound, stream: true });
    await client.send(
      `POST /v1/messages HTTP/1.1\r\n${headers}\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await arrived.promise;
    await assertAlive();
    client.socket.resume();
    const received = await client.receiveAll();
    const words = [...received.matchAll(/"text_delta","text":("(?:[^"\\]|\\.)*")/g)].map(([, json]) =>
      JSON.parse(json ?? '""'),
    );
    assert.ok(words.join('') === text, `${words.join('').length} of ${text.length} characters`);
    assert.ok(received.includes('event: message_stop'));
  });

  it('an answer that is still coming survives the drain, and newcomers are sent away', async () => {
    const own = await startTestGateway(upstream.url);
    const arrived = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    script = async () => {
      arrived.resolve();
      await held.promise;
      return { text: 'Hi' };
    };
    const client = await RawClient.connect(own.url);
    const answer = post(own, '/v1/messages', sound);
    await arrived.promise;
    const drained = own.drain(60_000);
    const body = JSON.stringify(sound);
    await client.send(`POST /v1/messages HTTP/1.1\r\n${headers}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const late = await client.receive('request_id');
    // A connection that was idle is closed; one that had sent something is told.
    if (late !== '') assert.deepEqual([readError(late).status, readError(late).type], [529, 'overloaded_error']);
    held.resolve();
    assert.match(await (await answer).text(), /"text":"Hi"/);
    await drained;
  });

  it('an answer that takes longer than the drain ends with an error that clients retry', async () => {
    const own = await startTestGateway(upstream.url);
    const arrived = Promise.withResolvers<AbortSignal>();
    const held = Promise.withResolvers<void>();
    script = async ({ signal }) => {
      arrived.resolve(signal);
      await held.promise;
      return { text: 'Too late' };
    };
    const answer = post(own, '/v1/messages', sound);
    const signal = await arrived.promise;
    const aborted = signal.aborted ? Promise.resolve() : once(signal, 'abort');
    await own.drain(0);
    const response = await answer;
    assert.equal(response.headers.get('retry-after'), '2');
    await assertError(response, 529, 'overloaded_error', /shutting down/);
    await aborted;
    held.resolve();
  });
});
