import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Runner, runHedged } from '../../proxy/hedge.ts';
import type { Part } from '../../proxy/part.ts';

interface Step {
  text?: string;
  error?: Error;
}

/** A runner whose batches come when the test lets them. */
function makeRunner(): Runner & { say(step: Step): void; end(): void; dropped: boolean } {
  const steps: (Step | 'end')[] = [];
  let wake = (): void => {};
  const push = (step: Step | 'end'): void => {
    steps.push(step);
    wake();
  };
  async function* parts(): AsyncGenerator<Part[], void> {
    for (;;) {
      while (steps.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      const step = steps.shift();
      if (step === undefined || step === 'end') return;
      if (step.error) throw step.error;
      yield [{ type: 'text', text: step.text ?? '' }];
    }
  }
  const runner = {
    parts: parts(),
    dropped: false,
    drop: () => {
      runner.dropped = true;
      push({ error: new Error('dropped') });
    },
    say: (step: Step) => push(step),
    end: () => push('end'),
  };
  return runner;
}

async function collect(first: Runner, second: () => Runner | undefined, afterMs: number) {
  const winners: Runner[] = [];
  const failures: unknown[] = [];
  let text = '';
  const parts = runHedged({
    first,
    second,
    afterMs,
    onWinner: (runner) => winners.push(runner),
    onFailure: (_runner, error) => failures.push(error),
  });
  for await (const batch of parts) for (const part of batch) if (part.type === 'text') text += part.text;
  return { text, winners, failures };
}

const never = 60_000;

describe('hedging', () => {
  it('asks nobody else where the first begins in time', async () => {
    const first = makeRunner();
    first.say({ text: 'a' });
    first.say({ text: 'b' });
    first.end();
    const { text, winners } = await collect(first, () => assert.fail('no second was needed'), never);
    assert.equal(text, 'ab');
    assert.deepEqual(winners, [first]);
  });

  it('gives out the second and drops the first where that one is late', async () => {
    const first = makeRunner();
    const second = makeRunner();
    second.say({ text: 'second' });
    second.end();
    const { text, winners } = await collect(first, () => second, 0);
    assert.equal(text, 'second');
    assert.deepEqual(winners, [second]);
    assert.ok(first.dropped);
  });

  it('gives out the first where it begins while the second is at work', async () => {
    const first = makeRunner();
    const second = makeRunner();
    const { text, winners } = await collect(
      first,
      () => {
        first.say({ text: 'first' });
        first.end();
        return second;
      },
      0,
    );
    assert.equal(text, 'first');
    assert.deepEqual(winners, [first]);
    assert.ok(second.dropped);
  });

  it('waits for the one that is left where the other fails, and tells of the failure', async () => {
    const first = makeRunner();
    const second = makeRunner();
    second.say({ error: new Error('second failed') });
    const answer = collect(first, () => second, 0);
    await new Promise((resolve) => setImmediate(resolve));
    first.say({ text: 'late but sound' });
    first.end();
    const { text, failures } = await answer;
    assert.equal(text, 'late but sound');
    assert.ok(failures.length <= 1);
  });

  it('fails with the last failure where both fail', async () => {
    const first = makeRunner();
    const second = makeRunner();
    second.say({ error: new Error('second failed') });
    const answer = collect(
      first,
      () => {
        setImmediate(() => first.say({ error: new Error('first failed') }));
        return second;
      },
      0,
    );
    await assert.rejects(answer, /first failed/);
  });

  it('goes on with the first where there is no other target', async () => {
    const first = makeRunner();
    const answer = collect(
      first,
      () => {
        first.say({ text: 'alone' });
        first.end();
        return undefined;
      },
      0,
    );
    assert.equal((await answer).text, 'alone');
  });
});
