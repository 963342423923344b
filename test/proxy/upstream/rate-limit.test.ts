import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { type Lane, RateLimit, type Turn } from '../../../proxy/upstream/rate-limit.ts';
import { Pace } from '../../../proxy/upstream/rate-limit-pace.ts';
import { busiestWindow, FakeClock, seeded, settle } from './fake-clock.ts';

const limit = 15;
/** The distance at 15 in a second, with 2.5 % to spare. */
const spacing = (1000 / limit) * 1.025;

interface Offer {
  background?: boolean;
  again?: boolean;
  signal?: AbortSignal;
  maxWaitMs?: number;
}

function makeLimit(paces: (Pace | undefined)[] = [new Pace(limit)], clock = new FakeClock()) {
  const lanes: Lane[] = paces.map((pace) => ({ pace, lastTurn: 0 }));
  const queue = new RateLimit('cloud.ru', () => lanes, clock);
  /** Names in the order of their turns, and when those came. */
  const turns: string[] = [];
  const times: number[] = [];
  const used: Turn<Lane>[] = [];
  const waits: Record<string, number> = {};
  const errors: Record<string, unknown> = {};
  function offer(name: string, options: Offer = {}): void {
    const wish = {
      background: false,
      signal: new AbortController().signal,
      maxWaitMs: Infinity,
      ...options,
      onWait: (milliseconds: number) => {
        waits[name] = milliseconds;
      },
    };
    queue.acquire(wish).then(
      (turn) => {
        turns.push(name);
        times.push(clock.now());
        used.push(turn);
      },
      (error: unknown) => {
        errors[name] = error;
      },
    );
  }
  return { queue, lanes, clock, offer, turns, times, used, waits, errors };
}

function kindAndSeconds(error: unknown): [string, number | undefined] {
  assert.ok(error instanceof StrelkaError, String(error));
  return [error.kind, error.detail.retryAfter];
}

function rateOf(times: readonly number[]): number {
  return ((times.length - 1) / ((times.at(-1) ?? 0) - (times[0] ?? 0))) * 1000;
}

describe('300 requests offered at once', () => {
  it('leave in the order of arrival, steadily, at 95 % of the limit or better', async () => {
    const { clock, offer, turns, times } = makeLimit();
    const names = Array.from({ length: 300 }, (_, index) => String(index));
    for (const name of names) offer(name);
    await clock.pass(21_000);
    assert.deepEqual(turns, names);
    assert.ok(rateOf(times) >= 0.95 * limit, String(rateOf(times)));
    assert.equal(busiestWindow(times, 1000), limit);
    assert.ok(busiestWindow(times, 2 * spacing) <= 5, 'no bursts of more than three');
    assert.equal(clock.timers, 0);
  });

  it('are never more than the limit in any second, though each travels up to 25 ms', async () => {
    const random = seeded(4);
    const { clock, offer, times } = makeLimit();
    for (let index = 0; index < 300; index++) offer(String(index));
    await clock.pass(21_000);
    const arrivals = times.map((at) => at + 25 * random());
    assert.equal(arrivals.length, 300);
    assert.ok(busiestWindow(arrivals, 1000) <= limit);
  });

  for (const perSecond of [limit, 300])
    it(`keep a rate of ${perSecond} although timers are late`, async () => {
      const random = seeded(15);
      const { clock, offer, times } = makeLimit([new Pace(perSecond)], new FakeClock(() => 15 * random()));
      const count = 20 * perSecond;
      for (let index = 0; index < count; index++) offer(String(index));
      await clock.pass(22_000);
      assert.equal(times.length, count);
      assert.ok(rateOf(times) >= 0.95 * perSecond, String(rateOf(times)));
      assert.ok(busiestWindow(times, 1000) <= perSecond);
    });

  it('are never more than the limit in any second, though the first had to wait for connections', async () => {
    const { clock, offer, used } = makeLimit();
    for (let index = 0; index < 100; index++) offer(String(index));
    let seen = 0;
    for (let step = 0; step < 9000; step += 10) {
      await clock.pass(10);
      for (const { departure } of used.slice(seen)) {
        if (!departure) assert.fail('no departure');
        // The first ones leave nearly together, when connections are there.
        if (seen < 10)
          clock.after(400 - 30 * seen, () => {
            departure.leftAt = clock.now();
          });
        seen += 1;
      }
    }
    assert.equal(used.length, 100);
    const arrivals = used.map(({ departure }) => departure?.leftAt ?? 0);
    assert.ok(busiestWindow(arrivals, 1000) <= limit, String(busiestWindow(arrivals, 1000)));
  });
});

describe('the order of turns', () => {
  it('puts foreground before background, and gives every fourth turn to the background', async () => {
    const { clock, offer, turns } = makeLimit([new Pace(1)]);
    offer('first');
    for (const name of ['b1', 'b2', 'b3']) offer(name, { background: true });
    for (const name of ['f1', 'f2', 'f3', 'f4', 'f5', 'f6', 'f7']) offer(name);
    await clock.pass(11_000);
    assert.deepEqual(turns, ['first', 'f1', 'f2', 'f3', 'b1', 'f4', 'f5', 'f6', 'b2', 'f7', 'b3']);
  });

  it('does not starve the background while foreground never ends', async () => {
    const { clock, offer, turns } = makeLimit();
    for (let index = 0; index < 10; index++) offer('background', { background: true });
    for (let step = 0; step < 200; step++) {
      offer('foreground');
      offer('foreground');
      await clock.pass(spacing);
    }
    assert.equal(turns.filter((name) => name === 'background').length, 10);
    assert.equal(turns.slice(0, 42).filter((name) => name === 'background').length, 10);
  });

  it('puts what is sent again before all others', async () => {
    const { clock, offer, turns } = makeLimit([new Pace(1)]);
    for (const name of ['first', 'f1', 'f2']) offer(name);
    offer('again', { again: true });
    await clock.pass(4000);
    assert.deepEqual(turns, ['first', 'again', 'f1', 'f2']);
  });

  it('does not let a newcomer pass the queue at the moment that a turn is free', async () => {
    const { clock, offer, turns } = makeLimit([new Pace(1)]);
    offer('first');
    clock.after(1025, () => offer('newcomer'));
    offer('second');
    await clock.pass(3000);
    assert.deepEqual(turns, ['first', 'second', 'newcomer']);
  });
});

describe('a wait', () => {
  it('is none while the key is free, and is told else', async () => {
    const { clock, offer, waits } = makeLimit([new Pace(1)]);
    offer('first');
    offer('second');
    await clock.pass(5000);
    offer('third');
    await settle();
    assert.deepEqual(waits, { second: 1025 });
  });

  it('is none for the three that are asked for side by side after a rest', async () => {
    const { clock, offer, turns, waits } = makeLimit();
    for (const name of ['1', '2', '3', '4']) offer(name);
    await settle();
    assert.deepEqual(turns, ['1', '2', '3']);
    await clock.pass(spacing + 1);
    assert.deepEqual(Object.keys(waits), ['4']);
  });

  it('is refused at once when it is going to be longer than wished', async () => {
    const { clock, offer, turns, errors, waits } = makeLimit([new Pace(1)]);
    for (let index = 0; index < 10; index++) offer(`${index}`, { maxWaitMs: 10_000 });
    offer('late', { maxWaitMs: 10_000 });
    offer('patient', { maxWaitMs: 10_250 });
    await settle();
    assert.deepEqual(Object.keys(errors), ['late']);
    assert.deepEqual(kindAndSeconds(errors.late), ['rate-limited', 11]);
    assert.deepEqual(Object.keys(waits), [], 'who was refused at once did not wait');
    await clock.pass(11_000);
    assert.deepEqual(turns, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'patient']);
    assert.deepEqual(Object.keys(errors), ['late']);
  });

  it('counts those of the other class that will go before', async () => {
    const { clock, offer, errors, turns } = makeLimit([new Pace(1)]);
    for (const name of ['first', 'f1', 'f2', 'f3', 'f4']) offer(name);
    offer('b1 too long', { background: true, maxWaitMs: 4 * 1025 - 1 });
    offer('b1', { background: true, maxWaitMs: 4 * 1025 });
    offer('f5 too long', { maxWaitMs: 6 * 1025 - 1 });
    offer('f5', { maxWaitMs: 6 * 1025 });
    await clock.pass(8000);
    assert.deepEqual(Object.keys(errors), ['b1 too long', 'f5 too long']);
    assert.deepEqual(turns, ['first', 'f1', 'f2', 'f3', 'b1', 'f4', 'f5']);
  });

  it('ends where it was promised to, although others came and went before', async () => {
    const { clock, offer, errors, turns, waits } = makeLimit([new Pace(1)]);
    offer('first');
    offer('background', { background: true, maxWaitMs: 2000 });
    for (const name of ['f1', 'f2', 'f3']) offer(name);
    await clock.pass(2199);
    assert.deepEqual(Object.keys(errors), []);
    await clock.pass(2);
    assert.deepEqual(kindAndSeconds(errors.background), ['rate-limited', 2]);
    assert.ok(Math.abs((waits.background ?? 0) - 2200) < 0.001, 'a tenth longer than wished');
    await clock.pass(5000);
    assert.deepEqual(turns, ['first', 'f1', 'f2', 'f3']);
    assert.equal(clock.timers, 0);
  });

  it('ends at once when the client leaves, and costs the others nothing', async () => {
    const { clock, offer, errors, turns, times, waits } = makeLimit([new Pace(1)]);
    const client = new AbortController();
    const reason = new StrelkaError('client-left', 'The client closed the connection.');
    offer('first');
    offer('leaver', { signal: client.signal });
    offer('second');
    await clock.pass(500);
    client.abort(reason);
    await settle();
    assert.equal(errors.leaver, reason);
    assert.equal(waits.leaver, 500);
    await clock.pass(1000);
    assert.deepEqual(turns, ['first', 'second']);
    assert.deepEqual(times, [1000, 2025]);
    assert.equal(clock.timers, 0, 'nothing is left behind');
    offer('gone before', { signal: client.signal });
    await settle();
    assert.equal(errors['gone before'], reason);
  });
});

describe('a pace', () => {
  it('may be a fraction of a request in a second', async () => {
    const { clock, offer, times } = makeLimit([new Pace(0.5)]);
    for (const name of ['1', '2', '3']) offer(name);
    await clock.pass(10_000);
    assert.deepEqual(times, [1000, 3050, 5100]);
  });

  it('may be thousands in a second, and stays bounded in memory and in any second', async () => {
    const { clock, offer, times } = makeLimit([new Pace(5000)]);
    for (let index = 0; index < 6000; index++) offer(String(index));
    await clock.pass(2000);
    assert.equal(times.length, 6000);
    const last = times.at(-1) ?? 0;
    assert.ok(times.filter((at) => at > last - 1000).length <= 5000);
  });

  it('may be none: then everything leaves at once', async () => {
    const { offer, turns, clock } = makeLimit([undefined]);
    for (const name of ['1', '2', '3']) offer(name, { maxWaitMs: 0 });
    await settle();
    assert.deepEqual(turns, ['1', '2', '3']);
    assert.equal(clock.timers, 0);
  });

  it('can be replaced while requests wait', async () => {
    const { clock, offer, queue, lanes, turns } = makeLimit([new Pace(0.1)]);
    for (const name of ['1', '2', '3', '4']) offer(name);
    await settle();
    assert.deepEqual(turns, ['1']);
    const [lane] = lanes;
    assert.ok(lane);
    lane.pace = new Pace(1, lane.pace);
    queue.reconsider();
    await clock.pass(1024);
    assert.deepEqual(turns, ['1']);
    await clock.pass(1);
    assert.deepEqual(turns, ['1', '2']);
    lane.pace = undefined;
    queue.reconsider();
    await settle();
    assert.deepEqual(turns, ['1', '2', '3', '4']);
  });

  it('starts slowly again after a rest: what was not used is lost', async () => {
    const { clock, offer, times } = makeLimit();
    offer('1');
    await clock.pass(60_000);
    for (let index = 0; index < 30; index++) offer(String(index));
    await clock.pass(3000);
    assert.equal(times.length, 31);
    assert.ok(busiestWindow(times, 2 * spacing) <= 5);
    assert.equal(busiestWindow(times, 1000), limit);
  });
});

describe('a 429', () => {
  it('pauses for as long as it asks, and lowers nothing afterwards', async () => {
    const { clock, offer, queue, lanes, used, times } = makeLimit();
    for (let index = 0; index < 303; index++) offer(String(index));
    await settle();
    assert.equal(used.length, 3);
    const { departure } = used[0] ?? assert.fail('no turn');
    const pace = lanes[0]?.pace;
    assert.ok(departure && pace);
    pace.limit(departure, clock.now(), 7000);
    queue.reconsider();
    await clock.pass(6999);
    assert.equal(times.length, 3);
    await clock.pass(22_000);
    assert.equal(times.length, 303);
    assert.equal(times[3], 8000);
    assert.ok(rateOf(times.slice(3)) >= 0.95 * limit);
  });

  it('sends those away at once who would not wait so long, and lets the others wait', async () => {
    const { clock, offer, queue, lanes, used, errors, turns } = makeLimit([new Pace(1)]);
    offer('first');
    offer('impatient', { maxWaitMs: 10_000 });
    offer('patient', { maxWaitMs: 60_000 });
    await settle();
    const { departure } = used[0] ?? assert.fail('no turn');
    assert.ok(departure);
    lanes[0]?.pace?.limit(departure, clock.now(), 30_000);
    queue.reconsider();
    await settle();
    assert.deepEqual(kindAndSeconds(errors.impatient), ['rate-limited', 30]);
    offer('newcomer', { maxWaitMs: 10_000 });
    await settle();
    assert.deepEqual(kindAndSeconds(errors.newcomer), ['rate-limited', 32], 'behind the patient one');
    await clock.pass(30_000);
    assert.deepEqual(turns, ['first', 'patient']);
  });

  it('without a time pauses shortly, longer each time, and shortly again after an answer', async () => {
    const pace = new Pace(limit);
    let now = 0;
    const pauses: number[] = [];
    const refuse = (): void => {
      const departure = pace.take(now);
      now += 100;
      pace.limit(departure, now, undefined);
      pauses.push(pace.dueAt - now);
      now = pace.dueAt;
    };
    for (let round = 0; round < 6; round++) refuse();
    pace.accept(pace.take(now));
    now = pace.dueAt;
    refuse();
    assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 8000, 500]);
  });

  it('counts once for all requests that were under way together, accepted ones too', () => {
    const pace = new Pace(limit);
    const together = [0, 70, 140, 210].map((at) => pace.take(at));
    for (const departure of together) pace.limit(departure, 300, undefined);
    assert.equal(pace.dueAt, 800);
    const [early] = together;
    assert.ok(early);
    pace.accept(early);
    pace.limit(pace.take(800), 900, undefined);
    assert.equal(pace.dueAt, 1900, 'an answer from before the pause says nothing about it');
  });

  it('with Retry-After: 0 pauses as without one', () => {
    const pace = new Pace(limit);
    pace.limit(pace.take(0), 0, 0);
    assert.equal(pace.dueAt, 500);
  });

  it('never shortens the pause that another asked for', () => {
    const pace = new Pace(limit);
    const [one, other] = [pace.take(0), pace.take(70)];
    pace.limit(one, 100, 30_000);
    pace.limit(other, 100, 1000);
    assert.equal(pace.dueAt, 30_100);
  });
});

describe('several keys behind one queue', () => {
  it('take turns, each at its own pace', async () => {
    const { clock, offer, used, lanes, times } = makeLimit([new Pace(limit), new Pace(limit)]);
    for (let index = 0; index < 300; index++) offer(String(index));
    await clock.pass(12_000);
    assert.equal(used.length, 300);
    for (const lane of lanes) {
      const own = used.flatMap((turn, index) => (turn.lane === lane ? [times[index] ?? 0] : []));
      assert.equal(own.length, 150);
      assert.ok(busiestWindow(own, 1000) <= limit);
    }
    assert.ok(rateOf(times) >= 0.95 * 2 * limit);
  });

  it('go on without the one that pauses', async () => {
    const { clock, offer, queue, used, lanes } = makeLimit([new Pace(1), new Pace(1)]);
    for (let index = 0; index < 6; index++) offer(String(index), { maxWaitMs: 10_000 });
    await settle();
    const { departure } = used[0] ?? assert.fail('no turn');
    assert.ok(departure);
    lanes[0]?.pace?.limit(departure, clock.now(), 60_000);
    queue.reconsider();
    await clock.pass(6000);
    assert.deepEqual(
      used.map(({ lane }) => lanes.indexOf(lane)),
      [0, 1, 1, 1, 1, 1],
    );
  });

  it('are expected to be as fast as they are', async () => {
    const { clock, offer, errors, turns } = makeLimit([new Pace(1), new Pace(1)]);
    for (let index = 0; index < 22; index++) offer(String(index), { maxWaitMs: 10_250 });
    offer('too late', { maxWaitMs: 10_250 });
    await settle();
    assert.deepEqual(Object.keys(errors), ['too late']);
    await clock.pass(10_250);
    assert.equal(turns.length, 22);
  });

  it('take turns without a pace too', async () => {
    const { offer, used, lanes } = makeLimit([undefined, undefined, undefined]);
    for (let index = 0; index < 7; index++) offer(String(index));
    await settle();
    assert.deepEqual(
      used.map(({ lane }) => lanes.indexOf(lane)),
      [0, 1, 2, 0, 1, 2, 0],
    );
  });
});
