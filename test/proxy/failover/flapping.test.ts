import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { glm, local, Supervised } from '../../fakes/supervised.ts';

const hold = 30_000;

interface Traffic {
  everyMs: number;
  /** Milliseconds up, then down. */
  up: number;
  down: number;
  probes: boolean;
  offset: number;
}

/** Five simulated minutes of an upstream that comes and goes. */
function flap({ everyMs, up, down, probes, offset }: Traffic): {
  supervised: Supervised;
  failed: number;
  lost: number;
} {
  const supervised = new Supervised();
  let failed = 0;
  let lost = 0;
  for (let now = 0; now < 300_000; now += 100) {
    supervised.now = now;
    const isUp = (now + offset) % (up + down) < up;
    if (probes && now % 5_000 === 0)
      supervised.supervisor.probed({ target: glm }, isUp ? { ok: true } : { ok: false, kind: 'upstream-unreachable' });
    if (now % everyMs !== 0) continue;
    const walk = supervised.walk({ session: `s${(now / everyMs) % 5}` });
    let answered = false;
    for (let ticket = walk.next(); ticket && !answered; ticket = answered ? undefined : walk.next()) {
      answered = ticket.target === local || isUp;
      if (!answered) lost += 1;
      ticket.settle(
        answered
          ? { result: 'good', ttftMs: 10, totalMs: 50 }
          : { result: 'bad', kind: 'upstream-unreachable', afterCommit: false },
      );
    }
    if (!answered) failed += 1;
  }
  return { supervised, failed, lost };
}

describe('an upstream that is up for 10 s and down for 10 s', () => {
  for (const everyMs of [100, 1_000, 3_000, 7_000, 10_000])
    for (const probes of [false, true])
      for (const offset of [0, 5_000, 9_900])
        it(`a request each ${everyMs} ms, ${probes ? 'with' : 'without'} probes, ${offset} ms in: one switch a hold at most`, () => {
          const { supervised, failed } = flap({ everyMs, up: 10_000, down: 10_000, probes, offset });
          assert.equal(failed, 0, 'no request fails');
          const switches = supervised.events.filter(({ kind }) => kind === 'target-switched').map(({ at }) => at);
          switches.forEach((at, index) => {
            const next = switches[index + 1];
            assert.ok(next === undefined || next - at >= hold, `${switches.map((time) => time - 1_000_000)}`);
          });
          assert.ok(switches.length >= 1 || everyMs >= 7_000);
        });

  it('costs few requests a failed attempt', () => {
    const { lost } = flap({ everyMs: 1_000, up: 10_000, down: 10_000, probes: true, offset: 0 });
    assert.ok(lost <= 20, `${lost} of 300 requests met the dead upstream`);
  });
});

describe('an upstream that comes and goes more slowly', () => {
  // It is back for longer than a hold and falls right after: that first fall can't be foreseen, the next ones are waited out.
  for (const [up, down] of [
    [20_000, 20_000],
    [40_000, 10_000],
    [45_000, 5_000],
  ] as const)
    for (const probes of [false, true])
      it(`${up / 1000} s up, ${down / 1000} s down, ${probes ? 'with' : 'without'} probes: one early fall at most`, () => {
        const { supervised, failed } = flap({ everyMs: 1_000, up, down, probes, offset: 0 });
        assert.equal(failed, 0);
        const switches = supervised.events.filter(({ kind }) => kind === 'target-switched').map(({ at }) => at);
        const early = switches.filter((at, index) => index > 0 && at - (switches[index - 1] ?? 0) < hold);
        assert.ok(early.length <= 1, `${switches.map((time) => time - 1_000_000)}`);
        assert.ok(switches.length >= 1 && switches.length <= 3);
      });
});

describe('an upstream that is down for 20 s once', () => {
  it('has its requests back within a hold and a probe of its return', () => {
    const supervised = new Supervised();
    let back: number | undefined;
    for (let now = 0; now < 120_000; now += 500) {
      supervised.now = now;
      const isUp = now < 10_000 || now >= 30_000;
      if (now % 5_000 === 0)
        supervised.supervisor.probed(
          { target: glm },
          isUp ? { ok: true } : { ok: false, kind: 'upstream-unreachable' },
        );
      const walk = supervised.walk();
      for (let ticket = walk.next(); ticket; ticket = walk.next()) {
        const answered = ticket.target === local || isUp;
        ticket.settle(
          answered
            ? { result: 'good', ttftMs: 10, totalMs: 50 }
            : { result: 'bad', kind: 'upstream-unreachable', afterCommit: false },
        );
        if (answered) break;
      }
      if (now > 30_000 && supervised.supervisor.activeTarget === glm) back ??= now;
    }
    assert.ok(back !== undefined && back <= 30_000 + 5_000 + hold + 500, `${back}`);
    assert.equal(supervised.supervisor.status().counts.switches, 2);
  });
});
