import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failoverStatusSchema } from '../../../proxy/contract/failover.ts';
import { glm, local, oss, Supervised } from '../../fakes/supervised.ts';

describe('the status', () => {
  it('of a gateway that has just started', () => {
    const status = new Supervised({ tiers: { big: [glm, oss], small: [oss] } }).supervisor.status();
    assert.deepEqual(failoverStatusSchema.parse(status), status);
    const quiet = { state: 'closed', retryAt: null, errorRate: null, n: 0, lastError: null };
    assert.deepEqual(status, {
      mode: 'auto',
      state: 'healthy',
      active: glm,
      since: 1_000_000,
      upstreams: [
        { id: 'cloudru', name: 'cloud.ru', local: false, ...quiet },
        { id: 'other', name: 'other', local: false, ...quiet },
        { id: 'ollama', name: 'Ollama', local: true, ...quiet },
      ],
      targets: [
        { ...glm, tiers: ['big', 'middle'], standby: false, ...quiet, ttftMs: null },
        { ...oss, tiers: ['big', 'small'], standby: false, ...quiet, ttftMs: null },
        { ...local, tiers: [], standby: true, ...quiet, ttftMs: null },
      ],
      standby: { target: local, ready: true },
      counts: { attempts: 0, good: 0, bad: 0, neutral: 0, afterCommit: 0, trials: 0, switches: 0 },
    });
  });

  it('in the midst of an outage', () => {
    const supervised = new Supervised();
    supervised.succeed();
    supervised.now = 5_000;
    supervised.fail('upstream-failed', 3, 503);
    supervised.now = 6_000;
    supervised.succeed();
    supervised.take().settle({ result: 'neutral' });
    const status = supervised.supervisor.status();
    assert.deepEqual([status.state, status.active, status.since], ['failed-over', local, 1_005_000]);
    const [target, standby] = status.targets;
    assert.deepEqual(target, {
      ...glm,
      tiers: ['big', 'middle', 'small'],
      standby: false,
      state: 'open',
      retryAt: 1_020_000,
      errorRate: 0.75,
      n: 4,
      lastError: { kind: 'upstream-failed', status: 503, at: 1_005_000 },
      ttftMs: { p50: 100, p95: 100 },
    });
    assert.deepEqual([standby?.state, standby?.errorRate, standby?.n], ['closed', 0, 1]);
    assert.deepEqual(status.upstreams[0]?.lastError, target?.lastError);
    assert.deepEqual(status.counts, {
      attempts: 6,
      good: 2,
      bad: 3,
      neutral: 1,
      afterCommit: 0,
      trials: 0,
      switches: 1,
    });
    supervised.now = 5_000 + 120_001;
    assert.deepEqual(supervised.supervisor.status().targets[0]?.n, 0, 'what is long past is no rate');
  });

  it('shows a target as its upstream is, where that is worse', () => {
    const supervised = new Supervised({ tiers: { big: [glm], small: [oss] } });
    supervised.fail('upstream-key-refused');
    assert.deepEqual(
      [supervised.breaker('glm'), supervised.breaker('oss'), supervised.breaker('qwen')],
      ['key', 'key', 'closed'],
    );
  });

  it('shows a probe’s failure, though it is no outcome of a request', () => {
    const supervised = new Supervised();
    supervised.supervisor.probed({ upstream: 'cloudru' }, { ok: false, kind: 'upstream-failed', status: 500 });
    const [upstream] = supervised.supervisor.status().upstreams;
    assert.deepEqual([upstream?.state, upstream?.n, upstream?.lastError?.status], ['degraded', 0, 500]);
  });

  it('is down where nothing is well, and where the mode leaves nothing', () => {
    const supervised = new Supervised({ fallback: undefined });
    supervised.fail('upstream-unreachable', 3);
    assert.deepEqual([supervised.supervisor.state, supervised.supervisor.activeTarget], ['down', glm]);
    const nothing = new Supervised({ settings: { mode: 'local' }, fallback: undefined });
    assert.deepEqual([nothing.supervisor.state, nothing.supervisor.activeTarget], ['down', null]);
  });

  it('is recovering from the first good trial on, with and without a stand-in', () => {
    for (const fallback of [local, undefined]) {
      const supervised = new Supervised({ fallback });
      supervised.fail('upstream-unreachable', 3);
      supervised.now = 15_000;
      supervised.succeed();
      assert.equal(supervised.supervisor.state, 'recovering');
    }
  });

  it('has for its active target the one that recovers first where none is sound', () => {
    const other = { upstream: 'other', model: 'm' };
    const supervised = new Supervised({ tiers: { big: [glm, other] }, fallback: undefined });
    for (let time = 0; time < 3; time += 1)
      supervised.take({ targets: [other] }).settle({ result: 'bad', kind: 'upstream-unreachable', afterCommit: false });
    supervised.fail('upstream-unreachable', 3);
    assert.deepEqual(supervised.supervisor.activeTarget, glm);
    supervised.supervisor.probed({ target: other }, { ok: true });
    supervised.supervisor.probed({ target: other }, { ok: true });
    assert.deepEqual([supervised.supervisor.activeTarget, supervised.breaker('other')], [other, 'recovering']);
    assert.equal(supervised.breaker('cloudru'), 'open');
  });

  it('is degraded where another tier’s target is out of use', () => {
    const supervised = new Supervised({ tiers: { small: [oss] } });
    for (let time = 0; time < 3; time += 1)
      supervised.take({ targets: [oss] }).settle({ result: 'bad', kind: 'answer-empty', afterCommit: false });
    assert.deepEqual([supervised.supervisor.state, supervised.supervisor.activeTarget], ['degraded', glm]);
  });

  it('in mode local is healthy where the local model is', () => {
    const supervised = new Supervised({ settings: { mode: 'local' } });
    assert.deepEqual([supervised.supervisor.state, supervised.supervisor.activeTarget], ['healthy', local]);
    supervised.ready = false;
    assert.equal(supervised.supervisor.state, 'down');
  });

  it('says when it will change by itself', () => {
    const supervised = new Supervised();
    assert.equal(supervised.supervisor.changesAt, undefined);
    supervised.fail('upstream-unreachable', 3);
    assert.equal(supervised.supervisor.changesAt, undefined, 'an open breaker waits for a request or a probe');
    supervised.now = 15_000;
    supervised.succeed(2);
    assert.equal(supervised.supervisor.changesAt, 45_000);
    supervised.now = 45_000;
    assert.equal(supervised.supervisor.state, 'healthy');
  });

  it('knows how long first parts take once there are enough answers', () => {
    const supervised = new Supervised();
    const { supervisor } = supervised;
    for (let time = 1; time <= 19; time += 1)
      supervised.take().settle({ result: 'good', ttftMs: time * 10, totalMs: 500 });
    assert.equal(supervisor.firstPartMs(glm, 0.95), undefined);
    supervised.take().settle({ result: 'good', ttftMs: 5_000, totalMs: 6_000 });
    assert.deepEqual([supervisor.firstPartMs(glm, 0.5), supervisor.firstPartMs(glm, 0.95)], [100, 190]);
    assert.equal(supervisor.firstPartMs(glm, 0.99), 5_000);
  });
});
