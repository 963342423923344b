import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailoverStatus } from '../../../proxy/contract/failover.ts';
import type { Settings } from '../../../proxy/contract/settings.ts';
import { StrelkaError } from '../../../proxy/errors.ts';
import { Prober } from '../../../proxy/failover/prober.ts';
import type { Target } from '../../../proxy/failover/routes.ts';
import type { StandbyStatus } from '../../../proxy/failover/standby.ts';
import { Supervised } from '../../fakes/supervised.ts';

const settings = { probeIntervalMs: 30_000, probeIdleMs: 600_000, cooldownMs: 15_000, cooldownMaxMs: 300_000 };

/** A prober on a clock that stands until it is moved, before a real supervisor. */
class Probed extends Supervised {
  readonly asked: string[] = [];
  list: StrelkaError | undefined;
  token: StrelkaError | undefined;
  standbyState: StandbyStatus['state'] = 'warm';
  loads = 0;
  #timer: { at: number; action: () => void } | undefined;
  readonly prober: Prober;

  constructor(standby: Settings['standby']['model'] = 'qwen') {
    super({
      settings: {
        upstreams: [{ id: 'cloudru', kind: 'cloudru', baseUrl: 'http://127.0.0.1:1/v1' }],
        standby: { model: standby },
        failover: settings,
      },
    });
    const { supervisor } = this;
    this.prober = new Prober({
      settings: () => this.settings,
      // The supervisor's wall clock stands at a million; the prober compares with today's.
      supervisor: {
        probed: (subject, outcome) => supervisor.probed(subject, outcome),
        refresh: () => supervisor.refresh(),
        suspend: () => supervisor.suspend(),
        resume: () => supervisor.resume(),
        status: () => this.#today(supervisor.status()),
        get changesAt() {
          return supervisor.changesAt;
        },
      },
      standby: {
        probe: async () => this.#standby(),
        warmUp: () => {
          this.loads += 1;
          this.standbyState = 'warming';
          // A large model: it is not loaded before the test ends.
          return new Promise<StandbyStatus>(() => {});
        },
        status: this.#standby(),
      },
      listModels: async (upstream) => {
        this.asked.push(`list ${upstream}`);
        if (this.list) throw this.list;
      },
      askOneToken: async ({ model }: Target) => {
        this.asked.push(`token ${model}`);
        if (this.token) throw this.token;
      },
      reconnect: () => void this.asked.push('reconnect'),
      clock: { now: () => this.now },
      after: (milliseconds, action) => {
        const timer = { at: this.now + milliseconds, action };
        this.#timer = timer;
        return () => {
          if (this.#timer === timer) this.#timer = undefined;
        };
      },
    });
  }

  get dueInMs(): number | undefined {
    return this.#timer && this.#timer.at - this.now;
  }

  /** Moves the clock, through every round on the way. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    while (this.#timer && this.#timer.at <= end) {
      const { at, action } = this.#timer;
      this.#timer = undefined;
      this.now = Math.max(this.now, at);
      action();
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    }
    this.now = end;
  }

  #standby(): StandbyStatus {
    const probed = this;
    return {
      get state() {
        return probed.standbyState;
      },
      version: null,
      model: 'qwen',
      contextWindow: null,
      loadedContext: null,
      hint: null,
    };
  }

  #today(status: FailoverStatus): FailoverStatus {
    const shift = Date.now() - 1_000_000 - this.now;
    const move = <Health extends { retryAt: number | null }>(health: Health): Health => ({
      ...health,
      retryAt: health.retryAt === null ? null : health.retryAt + shift,
    });
    return { ...status, upstreams: status.upstreams.map(move), targets: status.targets.map(move) };
  }
}

describe('probes', () => {
  it('rest until something is asked, follow the interval, and rest again', async () => {
    const probed = new Probed();
    assert.equal(probed.dueInMs, undefined);
    probed.prober.used();
    await probed.pass(0);
    assert.deepEqual(probed.asked, ['list cloudru']);
    await probed.pass(60_000);
    assert.equal(probed.asked.length, 3);
    await probed.pass(3_600_000);
    assert.ok(probed.asked.length <= 21, String(probed.asked.length));
    assert.equal(probed.dueInMs, undefined);
  });

  it('leave an open upstream alone until its trial is due, and then ask for a token', async () => {
    const probed = new Probed();
    probed.prober.used();
    await probed.pass(0);
    probed.fail('overloaded', 3, 503);
    probed.prober.heard();
    probed.asked.length = 0;
    await probed.pass(14_000);
    assert.deepEqual(probed.asked, []);
    await probed.pass(2_000);
    assert.deepEqual(probed.asked.slice(0, 2), ['list cloudru', 'token glm']);
  });

  it('warm the standby up as soon as a breaker changes, and go on meanwhile', async () => {
    const probed = new Probed();
    probed.standbyState = 'cold';
    probed.prober.used();
    await probed.pass(0);
    assert.equal(probed.loads, 0);
    probed.fail('overloaded', 1, 503);
    probed.prober.heard();
    await probed.pass(0);
    assert.equal(probed.loads, 1);
    probed.asked.length = 0;
    await probed.pass(30_000);
    assert.deepEqual(probed.asked, ['list cloudru']);
    assert.equal(probed.loads, 1);
  });

  it('find out by a token now and then that an empty balance was topped up, though nobody asks cloud.ru', async () => {
    const probed = new Probed();
    probed.prober.used();
    await probed.pass(0);
    probed.fail('balance-empty', 1, 402);
    assert.equal(probed.breaker('cloudru'), 'key');
    probed.token = new StrelkaError('balance-empty', 'Empty.', { upstreamStatus: 402 });
    await probed.pass(400_000);
    assert.equal(probed.breaker('cloudru'), 'key');
    assert.deepEqual(
      probed.asked.filter((what) => what.startsWith('token')),
      ['token glm'],
    );
    probed.token = undefined;
    probed.prober.used();
    await probed.pass(400_000);
    assert.equal(probed.breaker('cloudru'), 'closed');
  });

  it('stop while the machine sleeps, and start anew on fresh connections', async () => {
    const probed = new Probed();
    probed.prober.used();
    await probed.pass(0);
    probed.prober.suspend();
    probed.asked.length = 0;
    probed.prober.heard();
    probed.prober.used();
    await probed.pass(120_000);
    assert.deepEqual(probed.asked, []);
    probed.prober.resume();
    await probed.pass(0);
    assert.deepEqual(probed.asked, ['reconnect', 'list cloudru']);
    probed.prober.close();
    await probed.pass(120_000);
    assert.equal(probed.asked.length, 2);
  });
});
