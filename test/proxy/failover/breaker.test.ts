import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { defaultSettings } from '../../../proxy/contract/settings.ts';
import { Breaker, type BreakerRules, type Pass } from '../../../proxy/failover/breaker.ts';
import { type BreakerState, nameOfState } from '../../../proxy/failover/breaker-state.ts';
import type { Failure } from '../../../proxy/failover/outcome-window.ts';

const failure: Failure = { kind: 'upstream-failed', status: 503, model: 'a' };
const unreachable: Failure = { kind: 'upstream-unreachable', status: null, model: null };
const refused: Failure = { kind: 'upstream-key-refused', status: 401, model: 'a' };
const empty: Failure = { kind: 'balance-empty', status: 402, model: 'a' };
const cooldown = 15_000;
const hold = 30_000;

let now = 0;
let models: number | null = null;
let rules: BreakerRules;
let changes: string[];
let breaker: Breaker;

beforeEach(() => {
  now = 0;
  models = null;
  rules = { ...defaultSettings().failover, leaseMs: 65_000 };
  changes = [];
  breaker = new Breaker({
    rules: () => rules,
    models: () => models,
    onChange: (from, to, cause) => changes.push(`${nameOfState(from)}>${nameOfState(to)}:${cause.by}`),
  });
});

function name(): string {
  return nameOfState(breaker.state);
}

function state<Value extends BreakerState['value']>(value: Value): Extract<BreakerState, { value: Value }> {
  const { state } = breaker;
  assert.equal(state.value, value);
  return state as Extract<BreakerState, { value: Value }>;
}

function fail(times = 1): void {
  for (let time = 0; time < times; time += 1) breaker.bad(now, failure, breaker.enter(now));
}

function succeed(times = 1): void {
  for (let time = 0; time < times; time += 1) breaker.good(now, breaker.enter(now));
}

/** Through an outage to the recovery. */
function recover(): void {
  fail(3);
  now += cooldown;
  succeed(2);
  state('recovering');
}

describe('a breaker that is closed', () => {
  it('degrades at the first failure and is well again at a success', () => {
    fail();
    assert.equal(name(), 'degraded');
    assert.deepEqual(breaker.standing(now), { door: 'open' });
    succeed(3);
    assert.equal(name(), 'closed');
    assert.deepEqual(changes, ['closed>degraded:failures', 'degraded>closed:success']);
  });

  it('is well again when the window has slid past the failure, and says when', () => {
    now = 500;
    fail();
    assert.equal(breaker.changesAt, 500 + 120_001);
    now = 500 + 120_000;
    breaker.refresh(now);
    assert.equal(name(), 'degraded');
    now += 1;
    breaker.refresh(now);
    assert.equal(name(), 'closed');
    assert.equal(breaker.changesAt, undefined);
  });

  it('opens at three failures in a row, for the cooldown', () => {
    fail(3);
    assert.deepEqual(state('open'), { value: 'open', attempt: 1, until: cooldown });
    assert.deepEqual(breaker.standing(now), { door: 'shut', due: cooldown });
  });

  it('opens at half of eight, and never on a success', () => {
    rules.consecutive = 100;
    fail(4);
    succeed(4);
    assert.equal(name(), 'degraded', 'the eighth outcome is a success');
    fail();
    assert.equal(name(), 'open');
  });

  it('opens on slow traffic: one request in ten seconds', () => {
    for (let time = 0; time < 3; time += 1, now += 10_000) fail();
    assert.equal(name(), 'open');
  });

  it('does not open on failures that are far apart', () => {
    for (let time = 0; time < 10; time += 1, now += 100_000) fail();
    assert.equal(name(), 'degraded');
  });

  it('is not closed by a list of models', () => {
    breaker.bad(now, failure, 'answer');
    breaker.bad(now, failure, 'answer');
    breaker.good(now, 'list');
    assert.equal(name(), 'degraded');
    breaker.bad(now, failure, 'answer');
    assert.equal(name(), 'open');
  });
});

describe('a breaker that is open', () => {
  beforeEach(() => fail(3));

  it('does not take in what began before it opened', () => {
    breaker = new Breaker({ rules: () => rules, models: () => null, onChange: () => {} });
    const passes = Array.from({ length: 6 }, () => breaker.enter(now));
    for (const pass of passes.slice(0, 4)) breaker.bad(now, failure, pass);
    assert.equal(state('open').attempt, 1);
    const [good, bad] = passes.slice(4) as [Pass, Pass];
    breaker.good(now, good);
    assert.equal(name(), 'open', 'an answer that was under way is no sign of life');
    now += cooldown;
    const trial = breaker.enter(now);
    breaker.bad(now, failure, bad);
    assert.equal(name(), 'half-open', 'nor is a failure that was under way one of the trial');
    breaker.good(now, trial);
    assert.equal(state('half-open').successes, 1);
  });

  it('lets trials through when the cooldown is over, as many as good ones are needed', () => {
    now = cooldown - 1;
    assert.equal(breaker.standing(now).door, 'shut');
    now = cooldown;
    assert.equal(breaker.standing(now).door, 'trial');
    assert.equal(name(), 'open', 'looking changes nothing');
    assert.ok(breaker.enter(now).lease);
    assert.ok(breaker.enter(now).lease);
    assert.deepEqual(breaker.standing(now), { door: 'shut', due: now });
    assert.equal(breaker.enter(now).lease, null);
  });

  it('stays open after a failed last resort, and tries again after a good one', () => {
    fail();
    assert.deepEqual(state('open'), { value: 'open', attempt: 1, until: cooldown });
    succeed();
    assert.equal(state('half-open').successes, 1);
  });

  it('takes a last resort that ends after the cooldown for no trial', () => {
    const pass = breaker.enter(now);
    now = cooldown;
    breaker.bad(now, failure, pass);
    assert.equal(state('open').attempt, 1);
  });

  it('doubles the cooldown with each trial that fails, up to five minutes', () => {
    const waits: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      const { until } = state('open');
      waits.push((until - now) / 1000);
      now = until;
      fail();
    }
    assert.deepEqual(waits, [15, 30, 60, 120, 240, 300, 300, 300]);
  });

  it('takes a probe that got an answer for a good trial, and one that got a list for none', () => {
    now = 2_000;
    breaker.good(now, 'list');
    assert.equal(name(), 'open');
    breaker.good(now, 'answer');
    assert.equal(state('half-open').successes, 1);
    breaker.good(now, 'list');
    assert.equal(state('half-open').successes, 1);
    breaker.good(now, 'answer');
    assert.equal(name(), 'recovering');
  });

  it('takes a failed probe for a failed trial when one is due, and not before', () => {
    now = cooldown - 1;
    breaker.bad(now, unreachable, 'list');
    assert.equal(state('open').attempt, 1);
    now = cooldown;
    breaker.bad(now, unreachable, 'list');
    assert.deepEqual(state('open'), { value: 'open', attempt: 2, until: cooldown + 2 * cooldown });
  });

  it('works without a cooldown', () => {
    rules.cooldownMs = 0;
    breaker.hold('closed');
    breaker.hold(null);
    fail(3);
    assert.equal(breaker.standing(now).door, 'trial');
    succeed(2);
    assert.deepEqual(breaker.standing(now), { door: 'open' });
    breaker.refresh(now);
    assert.equal(name(), 'closed');
  });
});

describe('a breaker that is half-open', () => {
  beforeEach(() => {
    fail(3);
    now = cooldown;
  });

  it('gets a place back from a request that told nothing', () => {
    const passes = [breaker.enter(now), breaker.enter(now)];
    assert.equal(breaker.standing(now).door, 'shut');
    breaker.leave(passes[0] ?? assert.fail());
    assert.equal(breaker.standing(now).door, 'trial');
  });

  it('gets a place back from a request that was lost', () => {
    breaker.enter(now);
    breaker.enter(now);
    now += rules.leaseMs - 1;
    assert.equal(breaker.standing(now).door, 'shut');
    now += 1;
    assert.equal(breaker.standing(now).door, 'trial');
    succeed(2);
    assert.equal(name(), 'recovering');
  });

  it('needs no more trials than are missing', () => {
    succeed();
    assert.ok(breaker.enter(now).lease);
    assert.equal(breaker.enter(now).lease, null);
  });

  it('opens at the first failure, and the other trial does not count any more', () => {
    const [one, other] = [breaker.enter(now), breaker.enter(now)];
    breaker.bad(now, failure, one);
    assert.equal(state('open').attempt, 2);
    breaker.good(now, other);
    assert.equal(state('open').attempt, 2);
  });

  it('of an upstream: leaves a failing model to its own breaker while another may be well', () => {
    models = 2;
    breaker.bad(now, failure, breaker.enter(now));
    assert.equal(name(), 'half-open');
    breaker.bad(now, failure, breaker.enter(now));
    assert.equal(name(), 'half-open');
    breaker.bad(now, { ...failure, model: 'b' }, breaker.enter(now));
    assert.equal(name(), 'open', 'the other one is not');
  });
});

describe('a breaker that is recovering', () => {
  it('lets a growing share back until the hold of two cooldowns ends', () => {
    recover();
    const shares = [0, 0.25, 0.5, 0.9].map((part) => breaker.standing(now + part * hold));
    assert.deepEqual(
      shares,
      [0, 0.25, 0.5, 0.9].map((share) => ({ door: 'ramp', share })),
    );
    assert.equal(breaker.changesAt, now + hold);
    now += hold;
    assert.deepEqual(breaker.standing(now), { door: 'open' });
    breaker.refresh(now);
    assert.equal(name(), 'closed');
    assert.deepEqual(changes, [
      'closed>degraded:failures',
      'degraded>open:failures',
      'open>half-open:time',
      'half-open>recovering:success',
      'recovering>closed:success',
    ]);
  });

  it('begins anew after one failure, and opens for longer at two in a row', () => {
    recover();
    now += 20_000;
    fail();
    assert.equal(state('recovering').until, now + hold);
    now += 5_000;
    fail();
    assert.deepEqual(state('open'), { value: 'open', attempt: 2, until: now + 2 * cooldown });
  });

  it('bears one failure among many answers', () => {
    recover();
    const { until } = state('recovering');
    succeed(9);
    fail();
    assert.equal(state('recovering').until, until);
  });

  it('bears failures that are not in a row', () => {
    recover();
    for (let time = 0; time < 3; time += 1) {
      succeed(10);
      fail();
      assert.equal(state('recovering').attempt, 1);
    }
  });

  it('has forgotten the outage once it is closed', () => {
    recover();
    now += hold;
    breaker.refresh(now);
    fail();
    assert.equal(name(), 'degraded');
  });

  it('goes on with the backoff and holds for twice as long where it falls again within a hold', () => {
    recover();
    const holds: number[] = [];
    for (let time = 0; time < 6; time += 1) {
      const { since, until } = state('recovering');
      holds.push((until - since) / 1000);
      now = until;
      breaker.refresh(now);
      now += until - since - 1;
      fail(3);
      assert.equal(state('open').attempt, time + 2);
      now = state('open').until;
      succeed(2);
    }
    assert.deepEqual(holds, [30, 60, 120, 240, 300, 300]);
  });

  it('starts over where it was well for a hold', () => {
    recover();
    now += hold;
    breaker.refresh(now);
    now += hold;
    fail(3);
    assert.equal(state('open').attempt, 1);
    now += cooldown;
    succeed(2);
    assert.equal(state('recovering').until, now + hold);
  });
});

describe('a breaker whose key is refused', () => {
  it('lets nothing through, however long it takes, from the first refusal on', () => {
    const others = [breaker.enter(now), breaker.enter(now)];
    breaker.refuse(refused, breaker.enter(now));
    for (const pass of others) breaker.refuse(refused, pass);
    assert.equal(name(), 'key');
    now = 10 ** 9;
    breaker.refresh(now);
    assert.deepEqual(breaker.standing(now), { door: 'shut', due: Number.POSITIVE_INFINITY });
    breaker.refuse(refused, breaker.enter(now));
    fail(5);
    assert.equal(name(), 'key', 'other failures do not make it open, which time would end');
    assert.deepEqual(changes, ['closed>key:failures']);
  });

  it('is closed by an answer, by a list and by new settings', () => {
    for (const mend of [() => succeed(), () => breaker.good(now, 'list'), () => breaker.forget()]) {
      breaker.refuse(refused, 'answer');
      assert.equal(name(), 'key');
      mend();
      assert.equal(name(), 'closed');
      succeed();
    }
  });

  it('is not closed by an answer that was under way', () => {
    const early = breaker.enter(now);
    breaker.refuse(refused, breaker.enter(now));
    breaker.good(now, early);
    assert.equal(name(), 'key');
  });

  it('with an empty balance, is not closed by a list', () => {
    breaker.refuse(empty, 'answer');
    breaker.good(now, 'list');
    assert.equal(name(), 'key');
    breaker.good(now, 'answer');
    assert.equal(name(), 'closed');
  });

  it('does not believe lists that were wrong about the key once, until an answer comes', () => {
    breaker.refuse(refused, 'answer');
    breaker.good(now, 'list');
    assert.equal(name(), 'closed');
    breaker.refuse(refused, 'answer');
    breaker.good(now, 'list');
    assert.equal(name(), 'key', 'its list needs no key');
    succeed();
    breaker.refuse(refused, 'answer');
    breaker.good(now, 'list');
    assert.equal(name(), 'closed');
  });
});

describe('a breaker that is held by hand', () => {
  it('open: lets nothing through and hears nothing', () => {
    breaker.hold('open');
    assert.deepEqual(breaker.standing(10 ** 9), { door: 'locked' });
    succeed(5);
    breaker.refuse(refused, 'answer');
    breaker.forget();
    assert.equal(name(), 'held-open');
  });

  it('closed: lets everything through', () => {
    fail(3);
    breaker.hold('closed');
    fail(10);
    assert.deepEqual(breaker.standing(now), { door: 'open' });
  });

  it('given back, it begins anew', () => {
    fail(2);
    const early = breaker.enter(now);
    breaker.hold('closed');
    breaker.hold('closed');
    breaker.hold(null);
    breaker.hold(null);
    breaker.bad(now, failure, early);
    assert.equal(name(), 'closed');
    assert.deepEqual(changes.slice(1), ['degraded>held-closed:hand', 'held-closed>closed:hand']);
  });
});
