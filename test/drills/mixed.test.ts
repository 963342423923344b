import assert from 'node:assert/strict';
import { it } from 'node:test';
import { drillMixed } from './mixed.ts';

const exchanges = 2_000;

it('two thousand exchanges with all faults at random end well, or in the right error', async (test) => {
  const seed = Number(process.env.DRILL_SEED) || Math.ceil(Math.random() * 1e6);
  const { wrong, messages, errors, left, attempts, takeovers, atCloud, switches, byFault } = await drillMixed(
    seed,
    exchanges,
  );
  test.diagnostic(
    `seed ${seed}: ${messages} messages, ${errors} errors, ${left} left, ${attempts} attempts, ${atCloud} at cloud.ru, ${takeovers} takeovers, ${switches} switches`,
  );
  assert.deepEqual(wrong.slice(0, 20), [], `DRILL_SEED=${seed} asks the same again; ${wrong.length} are wrong`);
  assert.equal(messages + errors + left, exchanges);
  assert.ok(messages > exchanges * 0.8, `DRILL_SEED=${seed}: only ${messages} messages`);
  assert.ok(atCloud > exchanges / 4, `DRILL_SEED=${seed}: only ${atCloud} requests reached cloud.ru`);
  assert.ok(takeovers > 0 && byFault.size > 15, `DRILL_SEED=${seed}: ${takeovers} takeovers, ${byFault.size} faults`);
});
