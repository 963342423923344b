import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BackgroundThread, type ThreadOptions } from '../../proxy/background-thread.ts';

const listen = (body: string) => `const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (question) => { ${body} });`;
/** Answers a number with its double, and obeys the words of a hostile question. */
const doubling = listen(`
  if (question === 'hang') for (;;);
  if (question === 'die') process.exit(3);
  if (question === 'throw') throw new Error('thrown over it');
  parentPort.postMessage(question * 2);`);

function makeThread(t: TestContext, options: Partial<ThreadOptions> = {}, code = doubling) {
  const workers: Worker[] = [];
  const thread = new BackgroundThread<number | string, number>({
    start: () => {
      const worker = new Worker(code, { eval: true });
      workers.push(worker);
      return worker;
    },
    mostDeaths: 1,
    ...options,
  });
  t.after(() => thread.close());
  return { thread, workers };
}

describe('a background thread', () => {
  it('starts with the first question, stays, and answers each question with its own answer', async (t) => {
    const { thread, workers } = makeThread(t);
    assert.equal(workers.length, 0);
    const questions = Array.from({ length: 50 }, (_, index) => index);
    const outcomes = await Promise.all(questions.map((question) => thread.ask(question)));
    assert.deepEqual(
      outcomes,
      questions.map((question) => ({ answer: question * 2 })),
    );
    assert.equal(workers.length, 1);
  });

  it('is ended where a question takes too long, and the next question gets a new one', async (t) => {
    const { thread, workers } = makeThread(t, { timeLimitMs: 1_000 });
    const outcomes = await Promise.all([thread.ask(1), thread.ask('hang'), thread.ask(2)]);
    assert.deepEqual(outcomes, [{ answer: 2 }, { failure: 'overdue' }, { answer: 4 }]);
    assert.equal(workers.length, 2);
  });

  it('blames its death on the question at work alone', async (t) => {
    const { thread, workers } = makeThread(t);
    const [before, thrown, after] = await Promise.all([thread.ask(1), thread.ask('throw'), thread.ask(2)]);
    assert.deepEqual([before, after], [{ answer: 2 }, { answer: 4 }]);
    assert.ok('failure' in thrown && thrown.failure === 'died');
    assert.match(String(thrown.cause), /thrown over it/);
    assert.equal(workers.length, 2);
  });

  it('is asked again as often as it may die over a question', async (t) => {
    const { thread, workers } = makeThread(t, { mostDeaths: 3 });
    assert.deepEqual(await thread.ask('die'), { failure: 'died', cause: undefined });
    assert.equal(workers.length, 3);
    assert.deepEqual(await thread.ask(4), { answer: 8 });
  });

  it('tells of a question that cannot cross, and of a thread that cannot start', async (t) => {
    const { thread } = makeThread(t);
    const odd = new BackgroundThread<unknown, number>({
      start: () => new Worker(doubling, { eval: true }),
      mostDeaths: 2,
    });
    t.after(() => odd.close());
    const outcomes = await Promise.all([odd.ask(() => 1), odd.ask(3)]);
    assert.ok('failure' in outcomes[0] && outcomes[0].failure === 'died');
    assert.match(String(outcomes[0].cause), /could not be cloned/);
    assert.deepEqual(outcomes[1], { answer: 6 });
    const none = makeThread(t, {
      start: () => {
        throw new Error('no threads left');
      },
    }).thread;
    const refused = await none.ask(1);
    assert.ok('failure' in refused);
    assert.match(String(refused.cause), /no threads left/);
    assert.deepEqual(await thread.ask(5), { answer: 10 });
  });

  it('answers with closed what is under way, waits or comes after its end', async (t) => {
    const { thread, workers } = makeThread(t);
    const asked = [thread.ask('hang'), thread.ask(1)];
    await thread.close();
    const outcomes = await Promise.all([...asked, thread.ask(2)]);
    assert.deepEqual(outcomes, [{ failure: 'closed' }, { failure: 'closed' }, { failure: 'closed' }]);
    assert.equal(workers.length, 1);
  });
});
