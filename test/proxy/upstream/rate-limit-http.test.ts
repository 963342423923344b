import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { settingsSchema } from '../../../proxy/contract/settings.ts';
import { StrelkaError } from '../../../proxy/errors.ts';
import { startGateway } from '../../../proxy/start.ts';
import { Connections } from '../../../proxy/upstream/connection.ts';
import { makeUpstream } from '../../../proxy/upstream/index.ts';
import { KeyRings } from '../../../proxy/upstream/key-rings.ts';
import type { Upstream, UpstreamCall } from '../../../proxy/upstream/upstream.ts';
import type { ScriptedAnswer } from '../../fakes/chat-answer.ts';
import { type Script, startChatUpstream } from '../../fakes/chat-upstream.ts';
import { clientKey, post, type TestGateway } from '../../fakes/gateway.ts';
import { settle } from './fake-clock.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

const noLog = { debug() {}, info() {}, warn() {}, error() {} };
const refusal: ScriptedAnswer = { status: 401, body: { error: { message: 'Incorrect API key provided' } } };
const answer: ScriptedAnswer = { text: 'Hello' };

async function startUpstream(script: Script) {
  const upstream = await startChatUpstream(script, ['big-model', 'small-model']);
  closers.push(() => upstream.close());
  return upstream;
}

/** An upstream of ours on a fake one. */
function connect(url: string, keys: readonly string[], requestsPerSecond: number | null): Upstream {
  const connections = new Connections(5000);
  closers.push(() => connections.destroy());
  const parts = { connections, keys, requestsPerSecond, rings: new KeyRings(noLog) };
  const { standby } = settingsSchema.parse({});
  const setting = { id: 'fake', kind: 'openai-compatible', baseUrl: url, headers: {} } as const;
  return makeUpstream(setting, { ...parts, standby });
}

function callOf(change: Partial<UpstreamCall> = {}): UpstreamCall {
  return {
    chat: { model: 'big-model', stream: true, messages: [{ role: 'user', content: 'Hi' }] },
    streamed: true,
    signal: new AbortController().signal,
    timeouts: { firstByteMs: 30_000, idleMs: 30_000, totalMs: 30_000 },
    facts: { contextWindow: 100_000, estimatedInputTokens: 10 },
    ...change,
  };
}

async function readAll(upstream: Upstream, call: UpstreamCall = callOf()): Promise<void> {
  const raw = await upstream.ask(call);
  for await (const chunks of raw.chunks) assert.ok(chunks.length > 0);
  assert.ok(raw.done);
}

/** Refuses what comes above a limit in any second, as cloud.ru may do. */
function countingScript(limit: number): { script: Script; refused: () => number } {
  const arrivals: number[] = [];
  let refused = 0;
  const script: Script = () => {
    const now = performance.now();
    while ((arrivals[0] ?? now) <= now - 1000) arrivals.shift();
    if (arrivals.length >= limit) {
      refused += 1;
      return { status: 429, body: { error: { message: 'Too Many Requests' } } };
    }
    arrivals.push(now);
    return answer;
  };
  return { script, refused: () => refused };
}

describe('300 requests offered at once to an upstream that counts', () => {
  it('all get through, and none meets a 429', async () => {
    // The fake counts one in ten more than the limit that is set: it shares this thread, whose pauses are no fault of
    // the pace. The exact numbers are proven with a clock of the test's own (rate-limit.test.ts).
    const { script, refused } = countingScript(165);
    const fake = await startUpstream(script);
    const upstream = connect(fake.url, ['key'], 150);
    const waits: number[] = [];
    const queue = { background: false, maxWaitMs: 60_000, onWait: (wait: number) => void waits.push(wait) };
    await Promise.all(Array.from({ length: 300 }, () => readAll(upstream, callOf({ queue }))));
    assert.equal(fake.requests.length, 300);
    assert.equal(refused(), 0);
    assert.ok(waits.length >= 250, 'they queued');
  });

  it('are refused by it where no limit is set, as is the case for local servers', async () => {
    const { script, refused } = countingScript(20);
    const fake = await startUpstream(script);
    const upstream = connect(fake.url, ['key'], null);
    await Promise.allSettled(Array.from({ length: 40 }, () => readAll(upstream)));
    assert.ok(refused() > 0);
  });
});

describe('several keys on the wire', () => {
  const keys = ['key-one', 'key-two', 'key-three'];
  const keyOf = (headers: { authorization?: string | undefined }) => headers.authorization?.replace('Bearer ', '');

  it('take turns', async () => {
    const fake = await startUpstream(() => answer);
    const upstream = connect(fake.url, keys, 0);
    for (let index = 0; index < 4; index++) await readAll(upstream);
    assert.deepEqual(
      fake.requests.map(({ headers }) => keyOf(headers)),
      [...keys, 'key-one'],
    );
  });

  it('are tried one after the other when they are refused, within one request', async () => {
    const fake = await startUpstream(({ headers }) => (keyOf(headers) === 'key-three' ? answer : refusal));
    const upstream = connect(fake.url, keys, 0);
    await readAll(upstream);
    await readAll(upstream);
    assert.deepEqual(
      fake.requests.map(({ headers }) => keyOf(headers)),
      [...keys, 'key-three'],
    );
  });

  it('are each tried once when all are refused', async () => {
    const fake = await startUpstream(() => refusal);
    const upstream = connect(fake.url, keys, 0);
    await assert.rejects(readAll(upstream), { kind: 'upstream-key-refused', message: /key 1 .*key 2 .*key 3 / });
    assert.equal(fake.requests.length, 3);
    await assert.rejects(readAll(upstream), { kind: 'upstream-key-refused' });
    assert.equal(fake.requests.length, 4, 'it is asked again: only it can tell that a key was mended');
  });

  it('take over from one that is limited', async () => {
    const limited: ScriptedAnswer = { status: 429, headers: { 'retry-after': '30' }, body: 'slow down' };
    const fake = await startUpstream(({ headers }) => (keyOf(headers) === 'key-one' ? limited : answer));
    const upstream = connect(fake.url, keys, 1000);
    for (let index = 0; index < 4; index++) await readAll(upstream);
    const used = fake.requests.map(({ headers }) => keyOf(headers));
    assert.equal(used.filter((key) => key === 'key-one').length, 1);
    assert.equal(used.length, 5);
  });
});

/** A gateway whose tiers end at one fake or several, the first one first. */
async function startLimitedGateway(urls: string[], input: object = {}, keys: string[] = ['key-one']) {
  const upstreams = urls.map((baseUrl, index) => ({ id: `fake-${index}`, kind: 'openai-compatible', baseUrl }));
  const route = (model: string) => upstreams.map(({ id }) => ({ upstream: id, model }));
  const settings = settingsSchema.parse({
    server: { port: 0 },
    retries: { max: 0 },
    upstreams,
    mapping: { big: route('big-model'), middle: route('big-model'), small: route('small-model') },
    ...input,
  });
  const lines: TestGateway['lines'] = [];
  const write = (level: string) => (message: string, fields: object | undefined) =>
    void lines.push({ level, message, fields: { ...fields } });
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const secrets = { clientKey, upstreamKeys: { 'fake-0': keys } };
  const gateway = await startGateway({ settings, secrets, version: '0.0.0-test', log, demo: false });
  closers.push(() => gateway.drain(0));
  const ask = (model = 'claude-opus-5'): Promise<Response> =>
    post(gateway, '/v1/messages', { model, max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] });
  return { gateway, settings, secrets, lines, ask };
}

describe('an exchange at a limit', () => {
  it('waits in its queue, foreground first, and the log tells for how long', async () => {
    const fake = await startUpstream(() => answer);
    const { ask, lines } = await startLimitedGateway([fake.url], { limits: { requestsPerSecond: 1 } });
    // The question for the list of models came first and took a turn.
    assert.equal((await ask()).status, 200);
    const both = await Promise.all([ask('claude-haiku-4-5'), ask('claude-opus-5')]);
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
    assert.deepEqual(
      fake.requests.map(({ body }) => body.model),
      ['big-model', 'big-model', 'small-model'],
    );
    const waits = lines.filter(({ message }) => message === 'answered').map(({ fields }) => fields.queuedMs);
    assert.ok(typeof waits[1] === 'number' && typeof waits[2] === 'number' && waits[1] > 0 && waits[2] > waits[1]);
  });

  it('tells of no wait where there is none', async () => {
    const fake = await startUpstream(() => answer);
    const { ask, lines } = await startLimitedGateway([fake.url], { limits: { requestsPerSecond: 100 } });
    assert.equal((await ask()).status, 200);
    assert.ok(lines.some(({ message, fields }) => message === 'answered' && fields.queuedMs === undefined));
  });

  it('does not spend the time of the first byte in the queue', async () => {
    const fake = await startUpstream(() => answer);
    const { ask } = await startLimitedGateway([fake.url], {
      limits: { requestsPerSecond: 1 },
      timeouts: { firstByteMs: 900 },
    });
    const both = await Promise.all([ask(), ask()]);
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
  });

  it('goes to the next target where the wait is too long, and is told when there is none', async () => {
    const fake = await startUpstream((_, turn) =>
      turn === 0 ? { status: 429, headers: { 'retry-after': '600' }, body: 'slow down' } : answer,
    );
    const other = await startUpstream(() => answer);
    const { ask, gateway, settings, secrets } = await startLimitedGateway([fake.url, other.url], {
      limits: { requestsPerSecond: 100 },
    });
    for (let index = 0; index < 3; index++) assert.equal((await ask()).status, 200);
    assert.equal(fake.requests.length, 1, 'nobody asks while the upstream wants to be left alone');
    assert.equal(other.requests.length, 3);
    const alone = settings.mapping.big.slice(0, 1);
    await gateway.apply({ ...settings, mapping: { ...settings.mapping, big: alone } }, secrets);
    const refused = await ask();
    assert.equal(refused.status, 429);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds > 0 && seconds <= 600, String(seconds));
    assert.equal(fake.requests.length, 1, 'a change of settings ends no pause');
  });

  it('leaves the queue when its client leaves', async () => {
    const fake = await startUpstream(() => answer);
    const upstream = connect(fake.url, ['key'], 0.02);
    await readAll(upstream);
    const client = new AbortController();
    const waits: number[] = [];
    const queue = { background: false, maxWaitMs: 60_000, onWait: (wait: number) => void waits.push(wait) };
    const waiting = readAll(upstream, callOf({ signal: client.signal, queue }));
    await settle();
    client.abort(new StrelkaError('client-left', 'The client closed the connection.'));
    await assert.rejects(waiting, { kind: 'client-left' });
    assert.equal(waits.length, 1);
    assert.equal(fake.requests.length, 1);
  });
});

describe('a change of settings', () => {
  it('forgets no refused key, and takes new keys at once', async () => {
    const fake = await startUpstream(({ headers }) => (headers.authorization === 'Bearer key-one' ? refusal : answer));
    const { ask, gateway, settings, secrets, lines } = await startLimitedGateway([fake.url], {}, [
      'key-one',
      'key-two',
    ]);
    for (const disabled of [true, false, true, false]) {
      assert.equal((await ask()).status, 200);
      await gateway.apply({ ...settings, thinking: { disabled } }, secrets);
    }
    const used = () => fake.requests.map(({ headers }) => headers.authorization);
    assert.equal(used().filter((key) => key === 'Bearer key-one').length, 1);
    assert.equal(used().length, 5);
    assert.equal(lines.filter(({ message }) => message.includes('key 1 of 2 was refused')).length, 1);
    await gateway.apply(settings, { ...secrets, upstreamKeys: { 'fake-0': ['key-new'] } });
    assert.equal((await ask()).status, 200);
    assert.equal(used().at(-1), 'Bearer key-new');
  });
});
