import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ErrorKind } from '../../../proxy/errors.ts';
import { blames } from '../../../proxy/failover/blame.ts';
import type { Target } from '../../../proxy/failover/routes.ts';
import type { AttemptOutcome, Ticket } from '../../../proxy/failover/ticket.ts';
import { isSame } from '../../../proxy/failover/walk.ts';
import { glm, local, oss, Supervised } from '../../fakes/supervised.ts';

/** Seeded (mulberry32), so that a failure can be seen again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const kinds = Object.keys(blames) as ErrorKind[];

function randomOutcome(random: () => number): AttemptOutcome {
  const lot = random();
  if (lot < 0.35) return { result: 'good', ttftMs: 1 + random() * 1_000, totalMs: 2_000 };
  if (lot < 0.45) return { result: 'neutral' };
  const kind = kinds[Math.floor(random() * kinds.length)] ?? assert.fail();
  return { result: 'bad', kind, afterCommit: random() < 0.3 };
}

describe('whatever happens', () => {
  for (let seed = 1; seed <= 40; seed += 1)
    it(`nothing is stuck, counted twice or tried too often (seed ${seed})`, () => {
      const random = randomOf(seed);
      const tiers = { big: seed % 2 === 0 ? [glm] : [glm, oss] };
      const supervised = new Supervised({ tiers, fallback: seed % 3 === 0 ? undefined : local });
      const { supervisor } = supervised;
      const open = new Set<Ticket>();
      let tickets = 0;
      let settled = 0;
      for (let step = 0; step < 1_500; step += 1) {
        supervised.now += Math.floor(random() * 4_000);
        const lot = random();
        if (lot < 0.5) {
          const walk = supervised.walk({ session: random() < 0.5 ? `s${step % 7}` : null, newTurn: random() < 0.5 });
          const tried: Target[] = [];
          for (let ticket = walk.next(); ticket; ticket = walk.next()) {
            tickets += 1;
            assert.ok(!tried.some((other) => isSame(other, ticket.target)), 'no target is tried twice');
            tried.push(ticket.target);
            if (random() < 0.4) {
              open.add(ticket);
              break;
            }
            ticket.settle(randomOutcome(random));
            settled += 1;
          }
          assert.ok(tried.length > 0, 'no exchange fails without a try');
        } else if (lot < 0.8) {
          const [ticket] = open;
          if (ticket === undefined) continue;
          open.delete(ticket);
          settled += 1;
          // Some are told of more than once, some never.
          if (random() < 0.1) continue;
          for (let time = 0; time < 1 + random() * 2; time += 1) ticket.settle(randomOutcome(random));
        } else if (lot < 0.9) {
          const ok = random() < 0.5;
          const kind = kinds[Math.floor(random() * kinds.length)] ?? assert.fail();
          supervisor.probed(random() < 0.5 ? { upstream: 'cloudru' } : { target: glm }, ok ? { ok } : { ok, kind });
        } else if (lot < 0.92) supervisor.suspend();
        else if (lot < 0.96) supervisor.resume();
        const { counts } = supervisor.status();
        assert.equal(counts.attempts, tickets);
        assert.ok(counts.good + counts.bad + counts.neutral <= settled);
      }
      supervisor.resume();
      // From here on all is well: whoever was out of use is asked again, by requests and, for the key, by a probe.
      for (let time = 0; time < 200; time += 1) {
        supervised.now += 10_000;
        if (time % 6 === 0) for (const target of [...tiers.big, local]) supervisor.probed({ target }, { ok: true });
        supervised.succeed();
      }
      assert.equal(supervisor.state, 'healthy');
      assert.ok(supervisor.activeTarget && isSame(supervisor.activeTarget, glm));
      for (const { state, id } of supervisor.status().upstreams) assert.equal(state, 'closed', id);
    });

  for (const goodTrials of [1, 2, 5])
    it(`there are never more than ${goodTrials} trials at once`, () => {
      const random = randomOf(goodTrials);
      const supervised = new Supervised({ settings: { failover: { goodTrials } }, fallback: undefined });
      supervised.fail('upstream-unreachable', 3);
      const trials = new Set<Ticket>();
      let most = 0;
      for (let step = 0; step < 5_000; step += 1) {
        // A trial that is told of in good time: one that is not gives its place away.
        supervised.now += Math.floor(random() * 3_000);
        const ticket = supervised.take();
        if (ticket.trial) trials.add(ticket);
        else ticket.settle({ result: 'bad', kind: 'upstream-unreachable', afterCommit: false });
        most = Math.max(most, trials.size);
        assert.ok(trials.size <= goodTrials, `${trials.size} at step ${step}`);
        if (random() < 0.5) continue;
        const [oldest] = trials;
        // While one fails, the others of its kind are trials no more.
        const bad = random() < 0.5;
        oldest?.settle(
          bad ? { result: 'bad', kind: 'upstream-unreachable', afterCommit: false } : { result: 'neutral' },
        );
        if (oldest && bad) trials.clear();
        else if (oldest) trials.delete(oldest);
      }
      assert.equal(most, goodTrials, 'and there were as many');
    });
});
