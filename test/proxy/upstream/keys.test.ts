import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorKind, StrelkaError } from '../../../proxy/errors.ts';
import { KeyRings } from '../../../proxy/upstream/key-rings.ts';
import { KeyRing, type KeyTurn } from '../../../proxy/upstream/keys.ts';
import { FakeClock, settle } from './fake-clock.ts';

const secrets = ['sk-alpha-1111', 'sk-beta-2222', 'sk-gamma-3333'];

function makeRing(keys: readonly (string | undefined)[] = secrets, perSecond = 0) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  const log = { debug: write, info: write, warn: write, error: write };
  const ring = new KeyRing({ id: 'cloudru', name: 'cloud.ru', log, clock });
  ring.replace(keys, perSecond);
  const take = (maxWaitMs = 60_000): Promise<KeyTurn> =>
    ring.take({ background: false, signal: new AbortController().signal, maxWaitMs });
  /** Takes some turns, one after the other, and gives the place of each one's key. */
  async function places(count: number): Promise<number[]> {
    const used: number[] = [];
    for (let index = 0; index < count; index++) used.push(keys.indexOf((await take()).secret) + 1);
    return used;
  }
  return { ring, clock, lines, take, places };
}

function errorOf(kind: ErrorKind, retryAfter?: number): StrelkaError {
  return new StrelkaError(kind, `cloud.ru said ${kind}.`, { upstreamStatus: 400, retryAfter });
}

const keyRefused = errorOf('upstream-key-refused');

describe('the keys of an upstream', () => {
  it('take turns', async () => {
    assert.deepEqual(await makeRing().places(5), [1, 2, 3, 1, 2]);
  });

  it('are used as soon as one is free: the one that comes first', async () => {
    const { clock, take } = makeRing(secrets.slice(0, 2), 1);
    const used: [string | undefined, number][] = [];
    const note = async (): Promise<void> => void used.push([(await take()).secret, clock.now()]);
    for (const pause of [300, 0, 0, 0]) {
      void note();
      await clock.pass(pause);
    }
    await clock.pass(5000);
    const [one, two] = secrets;
    assert.deepEqual(used, [
      [one, 1000],
      [two, 1300],
      [one, 2025],
      [two, 2325],
    ]);
  });

  it('may be none where the upstream asks for none', async () => {
    assert.equal((await makeRing([undefined]).take()).secret, undefined);
  });

  it('are missed where the upstream asks for one', async () => {
    await assert.rejects(makeRing([]).take(), { kind: 'upstream-key-missing', message: /key set cloudru$/ });
  });

  it('are set aside when they are refused, and named by their place alone', async () => {
    const { take, places, lines } = makeRing();
    await take();
    assert.equal((await take()).refused(keyRefused), undefined, 'another key can take the request');
    assert.deepEqual(await places(4), [3, 1, 3, 1]);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /cloud\.ru: key 2 of 3 was refused \(401\)/);
    for (const secret of secrets) assert.ok(!lines.join().includes(secret.slice(-4)));
  });

  it('are set aside when their balance is empty', async () => {
    const { take, places, lines } = makeRing();
    assert.equal((await take()).refused(errorOf('balance-empty')), undefined);
    assert.deepEqual(await places(3), [2, 3, 2]);
    assert.match(lines[0] ?? '', /key 1 of 3 has no balance left/);
  });

  it('are told of once, though many requests were under way with them', async () => {
    const { take, lines } = makeRing(secrets.slice(0, 2));
    const turns = [await take(), await take(), await take(), await take()];
    const first = turns.filter(({ secret }) => secret === secrets[0]);
    for (const turn of first) turn.refused(keyRefused);
    assert.equal(lines.length, 1);
  });

  it('are blamed for nothing else', async () => {
    const { take, places, lines } = makeRing();
    for (const kind of ['upstream-forbidden', 'model-missing', 'overloaded', 'upstream-failed'] as const) {
      const error = errorOf(kind);
      assert.equal((await take()).refused(error), error);
    }
    assert.deepEqual(await places(3), [2, 3, 1]);
    assert.deepEqual(lines, []);
  });

  it('give out an error that names them all when none works', async () => {
    const { take } = makeRing();
    assert.equal((await take()).refused(keyRefused), undefined);
    assert.equal((await take()).refused(errorOf('balance-empty')), undefined);
    const last = (await take()).refused(keyRefused);
    assert.equal(last?.kind, 'upstream-key-refused');
    assert.match(
      last?.message ?? '',
      /key 1 was refused \(401\), key 2 has no balance left, key 3 was refused \(401\)\. .*key set cloudru$/,
    );
    assert.equal(last?.detail.upstreamStatus, 400);
  });

  it("give out the upstream's own error where there is one key", async () => {
    const { take, lines } = makeRing(secrets.slice(0, 1));
    assert.equal((await take()).refused(keyRefused), keyRefused);
    assert.equal((await take()).secret, secrets[0], 'only the upstream can tell that the key works again');
    assert.deepEqual(lines, []);
  });

  it('are tried again when all are refused, the one first that was refused first, until one works', async () => {
    const { take, places, clock, lines } = makeRing();
    for (let index = 0; index < 3; index++) {
      (await take()).refused(keyRefused);
      await clock.pass(1);
    }
    const trial = await take();
    assert.equal(trial.secret, secrets[0]);
    trial.refused(keyRefused);
    await clock.pass(1);
    const second = await take();
    assert.equal(second.secret, secrets[1]);
    second.accepted();
    assert.deepEqual(await places(2), [2, 2]);
    assert.match(lines.at(-1) ?? '', /takes key 2 of 3 again/);
  });

  it('come back by themselves after ten minutes', async () => {
    const { take, places, clock } = makeRing();
    (await take()).refused(keyRefused);
    await clock.pass(10 * 60_000 - 1);
    assert.deepEqual(await places(2), [2, 3]);
    await clock.pass(1);
    assert.deepEqual(await places(3), [1, 2, 3]);
  });

  it('are left to pause by themselves: another one takes the request that was limited', async () => {
    const { take, clock, places } = makeRing(secrets, 15);
    const turn = await take();
    assert.equal(turn.refused(errorOf('rate-limited', 5)), undefined);
    assert.deepEqual(await places(2), [2, 3]);
    await clock.pass(100);
    assert.deepEqual(await places(2), [2, 3]);
    await clock.pass(5000);
    assert.deepEqual(await places(1), [1]);
  });

  it('pause where there is no other one, and the error is given out', async () => {
    const { take, clock } = makeRing(secrets.slice(0, 1), 15);
    const error = errorOf('rate-limited', 20);
    assert.equal((await take()).refused(error), error);
    await assert.rejects(take(10_000), { kind: 'rate-limited', detail: { retryAfter: 20 } });
    await clock.pass(20_000);
    await take(0);
  });

  it('do not pause where no limit is set', async () => {
    const { take, places } = makeRing(secrets, 0);
    const error = errorOf('rate-limited', 20);
    assert.equal((await take()).refused(error), error);
    assert.deepEqual(await places(3), [2, 3, 1]);
  });
});

describe('a change of keys', () => {
  it('keeps what is known of those that stay, wherever they stand now', async () => {
    const { ring, take, lines } = makeRing(secrets, 15);
    (await take()).refused(keyRefused);
    (await take()).refused(errorOf('rate-limited', 600));
    ring.replace(['sk-new-4444', ...secrets.toReversed()], 15);
    const used = new Set<string | undefined>();
    for (let index = 0; index < 6; index++) used.add((await take(0)).secret);
    assert.deepEqual([...used], ['sk-new-4444', secrets[2]], 'three at once of each, none of the others');
    ring.replace(secrets.slice(0, 2), 15);
    await assert.rejects(take(10_000), { kind: 'rate-limited' });
    assert.equal(lines.length, 1);
  });

  it('takes new ones fresh, also for those who wait', async () => {
    const { ring, take } = makeRing(secrets.slice(0, 1), 0.1);
    await take();
    const waiting = take();
    await settle();
    ring.replace(['sk-new-4444'], 0.1);
    assert.equal((await waiting).secret, 'sk-new-4444');
  });

  it('lets a request that the old key failed be sent with the new one', async () => {
    const { ring, take, lines } = makeRing(secrets.slice(0, 1));
    const turn = await take();
    ring.replace(['sk-new-4444'], 0);
    assert.equal(turn.refused(keyRefused), undefined);
    assert.deepEqual(lines, [], 'the old key is nobody any more');
  });

  it('to none sends those away who wait', async () => {
    const { ring, take, clock } = makeRing(secrets.slice(0, 1), 0.1);
    await take();
    const waiting = take();
    await settle();
    ring.replace([], 0.1);
    await assert.rejects(waiting, { kind: 'upstream-key-missing' });
    assert.equal(clock.timers, 0);
  });

  it('takes the same key twice for one', () => {
    const { ring } = makeRing();
    ring.replace(['a', 'a', 'b'], 0);
    assert.equal(ring.size, 2);
  });
});

describe('a change of the rate', () => {
  it('keeps pauses and what was sent', async () => {
    const { ring, take, clock } = makeRing(secrets.slice(0, 1), 1);
    (await take()).refused(errorOf('rate-limited', 5));
    ring.replace(secrets.slice(0, 1), 2);
    await assert.rejects(take(4000), { kind: 'rate-limited' });
    await clock.pass(5000);
    await take(0);
  });

  it('to none lets everyone go', async () => {
    const { ring, take } = makeRing(secrets.slice(0, 1), 0.1);
    await take();
    const waiting = [take(), take(), take()];
    await settle();
    ring.replace(secrets.slice(0, 1), 0);
    assert.equal((await Promise.all(waiting)).length, 3);
  });
});

describe('key rings', () => {
  it('stay the same for an upstream, and begin anew under another address', () => {
    const nothing = (): void => {};
    const rings = new KeyRings({ debug: nothing, info: nothing, warn: nothing, error: nothing });
    const upstream = { id: 'a', name: 'A', baseUrl: 'http://127.0.0.1:1/v1' };
    const ring = rings.open(upstream);
    assert.equal(rings.open({ ...upstream }), ring);
    assert.notEqual(rings.open({ ...upstream, baseUrl: 'http://127.0.0.1:2/v1' }), ring);
    assert.notEqual(rings.open({ ...upstream, id: 'b' }), ring);
  });
});
