import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { ModelLists } from '../../../proxy/upstream/model-list.ts';

const minute = 60_000;

/** An upstream that answers when the test says so. */
function makeUpstream() {
  const asked: { id: string; signal: AbortSignal; answer: (list: string[]) => void; fail: (error: Error) => void }[] =
    [];
  let now = 1_000_000;
  const lists = new ModelLists(
    (id, signal) =>
      new Promise((answer, fail) => {
        asked.push({ id, signal, answer, fail });
      }),
    { now: () => now },
  );
  return {
    lists,
    asked,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('model lists', () => {
  it('never block: the first look asks behind the back, the next one reads', async () => {
    const { lists, asked } = makeUpstream();
    assert.equal(lists.get('cloudru'), undefined);
    const flight = lists.refresh('cloudru');
    assert.equal(asked.length, 1);
    asked[0]?.answer(['a', 'b']);
    await flight;
    assert.deepEqual(lists.get('cloudru'), ['a', 'b']);
    assert.deepEqual([...lists.all()], [['cloudru', ['a', 'b']]]);
    assert.equal(asked.length, 1);
  });

  it('ask once, however many look', async () => {
    const { lists, asked } = makeUpstream();
    lists.get('cloudru');
    lists.get('cloudru');
    const flights = [lists.refresh('cloudru'), lists.refresh('cloudru')];
    assert.equal(asked.length, 1);
    asked[0]?.answer(['a']);
    assert.deepEqual(await Promise.all(flights), [['a'], ['a']]);
  });

  it('are read while a fresh one is fetched after ten minutes', async () => {
    const { lists, asked, pass } = makeUpstream();
    const flight = lists.refresh('cloudru');
    asked[0]?.answer(['old']);
    await flight;
    pass(10 * minute - 1);
    lists.get('cloudru');
    assert.equal(asked.length, 1);
    pass(1);
    assert.deepEqual(lists.get('cloudru'), ['old']);
    assert.equal(asked.length, 2);
    const second = lists.refresh('cloudru');
    asked[1]?.answer(['new']);
    await second;
    assert.deepEqual(lists.get('cloudru'), ['new']);
  });

  it('keep the old list and the reason when a refresh fails, and try again after thirty seconds', async () => {
    const { lists, asked, pass } = makeUpstream();
    const first = lists.refresh('cloudru');
    asked[0]?.answer(['old']);
    await first;
    pass(10 * minute);
    const second = lists.refresh('cloudru');
    asked[1]?.fail(new StrelkaError('upstream-unreachable', 'cloud.ru could not be reached.'));
    await assert.rejects(second, { kind: 'upstream-unreachable' });
    assert.deepEqual(lists.get('cloudru'), ['old']);
    assert.equal(lists.errorOf('cloudru')?.kind, 'upstream-unreachable');
    pass(29_999);
    lists.get('cloudru');
    assert.equal(asked.length, 2);
    pass(1);
    lists.get('cloudru');
    assert.equal(asked.length, 3);
    const third = lists.refresh('cloudru');
    asked[2]?.answer(['new']);
    await third;
    assert.equal(lists.errorOf('cloudru'), undefined);
  });

  it('do not let a failure behind the back become an unhandled rejection', async () => {
    const { lists, asked } = makeUpstream();
    lists.get('cloudru');
    const joined = lists.refresh('cloudru');
    asked[0]?.fail(new Error('broken'));
    await assert.rejects(joined, { kind: 'internal' });
    assert.equal(lists.get('cloudru'), undefined);
    assert.equal(lists.all().size, 0);
  });

  it('are kept apart by upstream, and forgotten on demand', async () => {
    const { lists, asked } = makeUpstream();
    const flights = [lists.refresh('one'), lists.refresh('two')];
    for (const { id, answer } of asked) answer([id]);
    await Promise.all(flights);
    lists.forget('one');
    assert.deepEqual([...lists.all().keys()], ['two']);
    assert.equal(lists.get('one'), undefined);
    assert.equal(asked.length, 3);
  });

  it('end what is under way when closed, and ask nothing any more', () => {
    const { lists, asked } = makeUpstream();
    lists.get('cloudru');
    lists.close();
    assert.equal(asked[0]?.signal.aborted, true);
    lists.get('other');
    assert.equal(asked.length, 1);
  });
});
