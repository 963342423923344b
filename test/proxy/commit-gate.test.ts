import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AttemptStream } from '../../proxy/attempt.ts';
import { CommitGate, type CommitGateOptions, type Progress } from '../../proxy/commit-gate.ts';
import { StrelkaError } from '../../proxy/errors.ts';
import type { Part } from '../../proxy/part.ts';
import { RepairNotes } from '../../proxy/repair/repair.ts';

const text = (words: string): Part => ({ type: 'text', text: words });
const reasoning = (words: string): Part => ({ type: 'reasoning', text: words });
const call: Part = { type: 'tool-call', id: 'c', name: 'Read', arguments: '{}' };
const chunk = (delta: object, finish: string | null = null): unknown => ({
  choices: [{ delta, finish_reason: finish }],
});

function open(options: Partial<CommitGateOptions> = {}): { gate: CommitGate; progress: Progress } {
  const progress: Progress = { committed: false, spoken: false };
  const notes = new RepairNotes();
  const gate = new CommitGate({ streamed: true, showThinking: true, progress, notes, canAskAgain: false, ...options });
  return { gate, progress };
}

/** A stream whose reads come when they are pushed. */
function makeStream(): { stream: AttemptStream; push(...chunks: unknown[]): void; end(): void } {
  const waiting: ((read: IteratorResult<unknown[]>) => void)[] = [];
  const reads: IteratorResult<unknown[]>[] = [];
  const give = (read: IteratorResult<unknown[]>): void => {
    const taker = waiting.shift();
    if (taker) taker(read);
    else reads.push(read);
  };
  const chunks: AsyncIterable<unknown[]> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const read = reads.shift();
        return read ? Promise.resolve(read) : new Promise((resolve) => waiting.push(resolve));
      },
    }),
  };
  const raw = { chunks, done: false, expectEnd: () => {}, cancel: () => {} };
  const stream = new AttemptStream(raw, {
    tools: new Map(),
    oneCallOnly: false,
    quotable: () => '',
    thinkingPrefilled: false,
    notes: new RepairNotes(),
    stopSequences: [],
    describeError: () => new StrelkaError('upstream-failed', 'boom'),
  });
  return {
    stream,
    push: (...values) => give({ done: false, value: values }),
    end: () => give({ done: true, value: undefined }),
  };
}

describe('the commit gate', () => {
  it('opens at the first good part and gives out what it held', () => {
    const { gate, progress } = open({ showThinking: false });
    assert.equal(gate.admit([reasoning('Hm.')]), undefined);
    assert.equal(gate.admit([text('\n')]), undefined);
    assert.deepEqual(progress, { committed: false, spoken: false });
    assert.deepEqual(gate.admit([text('Hello')]), [reasoning('Hm.'), text('\n'), text('Hello')]);
    assert.deepEqual(progress, { committed: true, spoken: true });
    assert.deepEqual(gate.admit([text(' there')]), [text(' there')]);
  });

  it('opens for thinking that is shown, which can still be taken back', () => {
    const { gate, progress } = open();
    assert.deepEqual(gate.admit([reasoning('Hm.')]), [reasoning('Hm.')]);
    assert.deepEqual(progress, { committed: true, spoken: false });
    assert.deepEqual(gate.admit([call]), [call]);
    assert.equal(progress.spoken, true);
  });

  it('stays shut for a client that wants no stream', () => {
    const { gate, progress } = open({ streamed: false });
    assert.equal(gate.admit([reasoning('Hm.'), text('Hello'), call]), undefined);
    assert.equal(progress.committed, false);
  });

  it('loses nothing of a stream that was committed in a long silence', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { gate, progress } = open();
    const { stream, push, end } = makeStream();
    push(chunk({ role: 'assistant' }));
    assert.deepEqual(await gate.next(stream), []);
    const quiet = gate.next(stream);
    context.mock.timers.tick(15_000);
    assert.deepEqual(await quiet, []);
    assert.deepEqual(gate.admit([]), []);
    assert.equal(progress.committed, true);
    const next = gate.next(stream);
    push(chunk({ content: 'Hello' }));
    assert.deepEqual(await next, [text('Hello')]);
    push(chunk({ content: ' there' }, 'stop'));
    assert.deepEqual(await gate.next(stream), [text(' there')]);
    end();
    assert.deepEqual(await gate.next(stream), []);
    assert.equal(stream.finish?.reason, 'stop');
    assert.equal(await gate.next(stream), undefined);
  });

  it('opens in time for a long call whose fragments keep coming', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { gate, progress } = open();
    const { stream, push } = makeStream();
    for (const fragment of ['{"file_path":', '"/a", "content":', '"a long']) {
      push(chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'Write', arguments: fragment } }] }));
      assert.deepEqual(await gate.next(stream), []);
      assert.equal(gate.admit([]), undefined);
      context.mock.timers.tick(5_000);
    }
    assert.deepEqual(await gate.next(stream), []);
    assert.deepEqual(gate.admit([]), []);
    assert.equal(progress.committed, true);
    gate.close();
  });

  it('does not commit for an upstream that has sent nothing', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const { gate, progress } = open();
    const { stream, push } = makeStream();
    const quiet = gate.next(stream);
    context.mock.timers.tick(15_000);
    assert.deepEqual(await quiet, []);
    assert.equal(gate.admit([]), undefined);
    assert.equal(progress.committed, false);
    const next = gate.next(stream);
    push(chunk({ content: 'Hello' }));
    assert.deepEqual(await next, [text('Hello')]);
  });
});
