import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorKind } from '../../../proxy/errors.ts';
import { blameOf, blames } from '../../../proxy/failover/blame.ts';
import { lotOf } from '../../../proxy/failover/conversations.ts';
import { glm, local, oss, Supervised } from '../../fakes/supervised.ts';

const kinds = Object.keys(blames) as ErrorKind[];

describe('an outage', () => {
  it('from the first failure to the end of the hold', () => {
    const supervised = new Supervised();
    const { supervisor } = supervised;
    const states = [supervisor.state];
    const note = (): void => void states.push(supervisor.state);
    supervised.fail('upstream-unreachable');
    note();
    supervised.fail('upstream-unreachable', 2);
    note();
    assert.equal(supervised.peek(), 'qwen');
    supervised.succeed();
    supervised.now = 15_000;
    supervised.succeed();
    note();
    supervised.succeed();
    note();
    supervised.now += 30_000;
    note();
    assert.equal(supervised.peek(), 'glm');
    assert.deepEqual(states, ['healthy', 'degraded', 'failed-over', 'recovering', 'recovering', 'healthy']);
    assert.equal(supervisor.status().counts.switches, 2);
  });

  it('of slow traffic, one request in ten seconds, opens and ends', () => {
    const supervised = new Supervised();
    let down = true;
    const answered: string[] = [];
    for (let time = 0; time < 30; time += 1, supervised.now += 10_000) {
      down = time < 10;
      const walk = supervised.walk();
      for (let ticket = walk.next(); ticket; ticket = walk.next()) {
        if (ticket.target === local || !down) {
          ticket.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
          answered.push(ticket.target.model);
          break;
        }
        ticket.settle({ result: 'bad', kind: 'upstream-failed', status: 503, afterCommit: false });
      }
    }
    assert.equal(answered.length, 30, 'no request fails');
    assert.deepEqual(new Set(answered.slice(0, 10)), new Set(['qwen']));
    assert.deepEqual(new Set(answered.slice(-10)), new Set(['glm']));
  });

  it('of streams that break after commit counts like any other', () => {
    const supervised = new Supervised();
    for (let time = 0; time < 3; time += 1)
      supervised.take().settle({ result: 'bad', kind: 'stream-broken', afterCommit: true });
    assert.equal(supervised.breaker('cloudru'), 'open');
    assert.equal(supervised.supervisor.status().counts.afterCommit, 3);
  });

  it('that probes find alone opens too, and probes alone end it', () => {
    const supervised = new Supervised();
    const { supervisor } = supervised;
    for (let time = 0; time < 3; time += 1)
      supervisor.probed({ upstream: 'cloudru' }, { ok: false, kind: 'upstream-unreachable' });
    assert.equal(supervised.peek(), 'qwen');
    assert.deepEqual(supervisor.status().targets.find(({ model }) => model === 'glm')?.n, 0);
    supervisor.probed({ target: glm }, { ok: true });
    supervisor.probed({ target: glm }, { ok: true });
    assert.equal(supervisor.state, 'recovering');
  });

  it('is not made up by a server without a list of models', () => {
    const supervised = new Supervised();
    for (let time = 0; time < 5; time += 1)
      supervised.supervisor.probed({ upstream: 'cloudru' }, { ok: false, kind: 'model-missing', status: 404 });
    assert.equal(supervised.breaker('cloudru'), 'closed');
  });
});

describe('each kind of error, three times in a row', () => {
  for (const kind of kinds) {
    const blame = blameOf(kind);
    it(`${kind}: ${blame}`, () => {
      const supervised = new Supervised({ tiers: { big: [glm, oss] } });
      for (let time = 0; time < 3; time += 1)
        supervised.take({ targets: [glm, oss] }).settle({ result: 'bad', kind, afterCommit: false });
      const expected = {
        upstream: ['open', 'open', 'qwen'],
        either: ['degraded', 'open', 'oss'],
        target: ['closed', 'open', 'oss'],
        // The second and third attempt go to the standby, which has no key to be refused; its own breaker says so.
        key: ['key', 'key', 'glm'],
        none: ['closed', 'closed', 'glm'],
      }[blame];
      const targetState = blame === 'upstream' ? supervised.breaker('cloudru') : supervised.breaker('glm');
      assert.deepEqual([supervised.breaker('cloudru'), targetState, supervised.peek()], expected);
      const { counts } = supervised.supervisor.status();
      assert.deepEqual([counts.bad, counts.neutral], blame === 'none' ? [0, 4] : [3, 1]);
    });
  }
});

describe('keys', () => {
  it('a refusal is told in its own words and ends with a new key', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-key-refused', 1, 401);
    assert.equal(supervised.breaker('cloudru'), 'key');
    assert.deepEqual(supervised.told('breaker-changed'), [
      'cloud.ru refuses the key: replace it with `strelka key set`.',
    ]);
    supervised.now = 10 ** 7;
    assert.equal(supervised.peek(), 'qwen');
    supervised.supervisor.applied();
    assert.equal(supervised.peek(), 'qwen', 'settings that have nothing to do with it');
    supervised.supervisor.applied(['cloudru']);
    assert.equal(supervised.peek(), 'glm');
  });

  it('another address gives a fresh start, and a hold by hand stays', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-unreachable', 3);
    supervised.supervisor.hold({ target: oss }, 'open');
    const [first, ...rest] = supervised.settings.upstreams;
    assert.ok(first);
    supervised.settings = {
      ...supervised.settings,
      upstreams: [{ ...first, baseUrl: 'http://127.0.0.1:9/v1' }, ...rest],
    };
    supervised.supervisor.applied();
    assert.equal(supervised.peek({ targets: [oss, glm] }), 'glm');
  });
});

describe('suspend and resume', () => {
  it('failures of the sleep, of the first 10 s, and of what began before don’t count', () => {
    const supervised = new Supervised();
    const { supervisor } = supervised;
    const early = Array.from({ length: 5 }, () => supervised.take());
    supervisor.suspend();
    supervised.fail('upstream-unreachable', 5);
    supervised.now = 3_600_000;
    supervisor.resume();
    supervised.fail('upstream-timeout', 5);
    supervisor.probed({ upstream: 'cloudru' }, { ok: false, kind: 'upstream-unreachable' });
    supervised.now += 9_999;
    supervised.fail('upstream-timeout', 5);
    supervised.now += 1;
    for (const ticket of early) ticket.settle({ result: 'bad', kind: 'stream-broken', afterCommit: true });
    assert.equal(supervisor.state, 'healthy');
    supervised.fail('upstream-timeout', 3);
    assert.equal(supervisor.state, 'failed-over');
  });

  it('a refused key counts even then', () => {
    const supervised = new Supervised();
    supervised.supervisor.suspend();
    supervised.supervisor.resume();
    supervised.fail('upstream-key-refused');
    assert.equal(supervised.breaker('cloudru'), 'key');
  });
});

describe('the way back', () => {
  function recovering(): Supervised {
    const supervised = new Supervised();
    supervised.fail('upstream-unreachable', 3);
    supervised.now = 15_000;
    supervised.succeed(2);
    return supervised;
  }

  it('takes a growing share of conversations, and none back again', () => {
    const supervised = recovering();
    const sessions = Array.from({ length: 200 }, (_, index) => `s${index}`);
    let gone = new Set<string>();
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      supervised.now = 15_000 + part * 30_000;
      const there = new Set(sessions.filter((session) => supervised.peek({ session }) === 'glm'));
      for (const session of gone) assert.ok(there.has(session), `${session} was torn`);
      assert.deepEqual(there, new Set(part === 1 ? sessions : sessions.filter((session) => lotOf(session) < part)));
      gone = there;
    }
  });

  it('decides by lot for requests without a session', () => {
    const supervised = recovering();
    supervised.now = 15_000 + 15_000;
    supervised.lot = 0.49;
    assert.equal(supervised.peek(), 'glm');
    supervised.lot = 0.5;
    assert.equal(supervised.peek(), 'qwen');
  });

  it('takes everyone where nothing else is sound', () => {
    const supervised = recovering();
    supervised.ready = false;
    supervised.lot = 0.99;
    const ticket = supervised.take();
    assert.deepEqual([ticket.target.model, ticket.lastResort], ['glm', false]);
  });

  it('sends all but the trials to the stand-in while half-open', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-unreachable', 3);
    supervised.now = 15_000;
    const tickets = Array.from({ length: 100 }, () => supervised.take());
    assert.deepEqual(
      tickets.map(({ target, trial }) => `${target.model} ${trial}`),
      [...Array(2).fill('glm true'), ...Array(98).fill('qwen false')],
    );
  });

  it('gives a model’s place back where its trial met a server that was gone', () => {
    const supervised = new Supervised();
    supervised.fail('answer-empty', 3);
    supervised.now = 15_000;
    supervised.fail('upstream-unreachable');
    const trials = [supervised.take(), supervised.take(), supervised.take()].map(({ trial }) => trial);
    assert.deepEqual(trials, [true, true, false]);
  });

  it('does not get stuck on a model that stays ill while its neighbour is well', () => {
    const supervised = new Supervised({ tiers: { big: [glm, oss] } });
    supervised.fail('upstream-unreachable', 3);
    for (let time = 0; time < 60; time += 1, supervised.now += 5_000) {
      const walk = supervised.walk();
      for (let ticket = walk.next(); ticket; ticket = walk.next()) {
        if (ticket.target.model !== 'glm') {
          ticket.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
          break;
        }
        ticket.settle({ result: 'bad', kind: 'upstream-failed', status: 503, afterCommit: false });
      }
    }
    assert.equal(supervised.breaker('cloudru'), 'closed');
    assert.equal(supervised.supervisor.activeTarget?.model, 'oss');
  });
});

describe('tickets', () => {
  it('are settled once', () => {
    const supervised = new Supervised();
    const ticket = supervised.take();
    for (let time = 0; time < 5; time += 1)
      ticket.settle({ result: 'bad', kind: 'upstream-unreachable', afterCommit: true });
    ticket.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
    assert.equal(ticket.retry({ kind: 'upstream-unreachable' }), false);
    const { counts } = supervised.supervisor.status();
    assert.deepEqual([counts.attempts, counts.bad, counts.good, counts.afterCommit], [1, 1, 0, 1]);
    assert.equal(supervised.breaker('cloudru'), 'degraded');
  });

  it('may be tried again until the target is out of use and another is left', () => {
    const supervised = new Supervised();
    const ticket = supervised.take();
    assert.equal(ticket.retry({ kind: 'upstream-failed', status: 503 }), true);
    assert.equal(ticket.retry({ kind: 'upstream-failed', status: 503 }), true);
    assert.equal(ticket.retry({ kind: 'upstream-failed', status: 503 }), false);
    ticket.settle({ result: 'bad', kind: 'upstream-failed', afterCommit: false });
    const { counts } = supervised.supervisor.status();
    assert.deepEqual([counts.attempts, counts.bad], [3, 3]);
  });

  it('may be tried again for as long as one likes where there is nothing else', () => {
    const supervised = new Supervised({ fallback: undefined });
    const ticket = supervised.take();
    for (let time = 0; time < 6; time += 1) assert.equal(ticket.retry({ kind: 'upstream-failed', status: 503 }), true);
    ticket.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
    assert.equal(supervised.supervisor.status().counts.good, 1);
  });

  it('a hundred walks at once: the tickets of an outage trip once, and each walk ends at the standby', () => {
    const supervised = new Supervised();
    const walks = Array.from({ length: 100 }, (_, index) => supervised.walk({ session: `s${index}` }));
    const first = walks.map((walk) => walk.next());
    assert.ok(first.every((ticket) => ticket?.target === glm));
    for (const ticket of first) ticket?.settle({ result: 'bad', kind: 'stream-broken', afterCommit: true });
    const second = walks.map((walk) => walk.next());
    assert.ok(second.every((ticket) => ticket?.target === local && !ticket.lastResort));
    for (const ticket of second) ticket?.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
    const opened = supervised.events.filter((event) => event.kind === 'breaker-changed' && event.to === 'open');
    assert.equal(opened.length, 2, 'the model and its upstream, once each');
    const { counts } = supervised.supervisor.status();
    assert.deepEqual([counts.attempts, counts.bad, counts.good, counts.switches], [200, 100, 100, 1]);
  });
});

describe('by hand', () => {
  it('an upstream is taken out of use and given back', () => {
    const supervised = new Supervised();
    supervised.supervisor.hold({ upstream: 'cloudru' }, 'open');
    assert.equal(supervised.peek(), 'qwen');
    assert.equal(supervised.supervisor.state, 'failed-over');
    supervised.supervisor.hold({ upstream: 'cloudru' }, null);
    assert.equal(supervised.peek(), 'glm');
    assert.deepEqual(supervised.told('target-switched'), [
      'Ollama has taken over from cloud.ru, as you chose.',
      'cloud.ru has taken over from Ollama, as you chose.',
    ]);
  });

  it('a target is kept in use whatever happens', () => {
    const supervised = new Supervised();
    supervised.supervisor.hold({ target: glm }, 'closed');
    supervised.supervisor.hold({ upstream: 'cloudru' }, 'closed');
    supervised.fail('upstream-failed', 10);
    assert.equal(supervised.peek(), 'glm');
  });
});
