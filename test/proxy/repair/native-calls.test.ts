import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { NativeCalls } from '../../../proxy/repair/native-calls.ts';
import { RepairNotes } from '../../../proxy/repair/repair.ts';
import { tools } from './pipe.ts';

interface Gathered {
  calls: NativeCalls;
  notes: RepairNotes;
}

/** Every list is the `tool_calls` of one delta. */
function gather(lists: unknown[], whole = false): Gathered {
  const notes = new RepairNotes();
  const calls = new NativeCalls({ tools, quotable: () => '', thinkingPrefilled: false, notes });
  for (const list of lists) calls.add(list, whole);
  return { calls, notes };
}

const read = (id: string, file: string): object => ({
  id,
  function: { name: 'Read', arguments: `{"file_path":"${file}"}` },
});

/** What comes of a call that leaves its place to chance; whole ways of answering are told in test/cases. */
describe('gathering native calls', () => {
  it('keeps the order in which calls began, and their ids', () => {
    const { calls } = gather([[{ index: 1, ...read('call_b', '/b') }], [{ index: 0, ...read('call_a', '/a') }]]);
    assert.deepEqual(
      calls.settle(false, false).map(({ id, arguments: text }) => [id, text]),
      [
        ['call_b', '{"file_path":"/b"}'],
        ['call_a', '{"file_path":"/a"}'],
      ],
    );
  });

  it('passes over what is no element', () => {
    for (const odd of [undefined, null, 'x', 7, [], [null], ['x'], [[]], true]) {
      const { calls } = gather([odd]);
      assert.equal(calls.started, false, JSON.stringify(odd));
      assert.deepEqual(calls.settle(false, false), []);
    }
  });

  it('tells whether a delta held a call', () => {
    const { calls } = gather([]);
    assert.equal(calls.add(undefined, false), false);
    assert.equal(calls.add([], false), false);
    assert.equal(calls.add([read('call_a', '/a')], false), true);
  });

  it('reads the fields of a call that stands without its function', () => {
    const { calls } = gather([[{ index: 0, id: 'call_a', name: 'Read', parameters: { file_path: '/a' } }]]);
    assert.deepEqual(calls.settle(false, false), [
      { type: 'tool-call', id: 'call_a', name: 'Read', arguments: '{"file_path":"/a"}' },
    ]);
  });

  it('takes each element of a whole message for a call of its own', () => {
    const { calls } = gather([[read('x', '/a'), read('x', '/a')]], true);
    assert.equal(calls.settle(false, false).length, 2);
  });

  it('settles as often as it is asked, and gives the same', () => {
    const { calls } = gather([[read('call_a', '/a')]]);
    assert.deepEqual(calls.settle(false, false), calls.settle(true, true));
  });

  it('gives glued calls one id at most', () => {
    const { calls } = gather([
      [{ index: 0, id: 'call_a', function: { name: 'Read', arguments: '{"file_path":"/a"}{"file_path":"/b"}' } }],
    ]);
    assert.deepEqual(
      calls.settle(false, false).map(({ id }) => id),
      ['call_a', ''],
    );
  });

  it('notes each repair with what came and what was made of it', () => {
    const { calls, notes } = gather([
      [{ index: 0, id: 'c', function: { name: 'functions.Read', arguments: '{"file_path":"/a","limit":"5"}{}' } }],
    ]);
    calls.settle(false, false);
    assert.deepEqual(
      notes.list().map(({ repair, before, after }) => [repair, before, after]),
      [
        ['tool-name', 'functions.Read', 'Read'],
        ['arguments-bogus-flush', '{"file_path":"/a","limit":"5"}{}', '{"file_path":"/a","limit":"5"}'],
        ['argument-types', '{"file_path":"/a","limit":"5"}', '{"file_path":"/a","limit":5}'],
      ],
    );
  });

  it('refuses all where one can not be saved, and says so', () => {
    const { calls } = gather([
      [read('call_a', '/a')],
      [{ index: 1, id: 'call_b', function: { name: 'Write', arguments: '{"a' } }],
    ]);
    assert.throws(
      () => calls.settle(false, false),
      (error) => error instanceof StrelkaError && error.kind === 'tool-call-broken' && /Write/.test(error.message),
    );
  });

  it('leaves out what was cut where the client hears of it, and notes that', () => {
    const { calls, notes } = gather([
      [read('call_a', '/a')],
      [{ index: 1, id: 'call_b', function: { name: 'Write', arguments: '{"a' } }],
    ]);
    assert.equal(calls.settle(true, true).length, 1);
    assert.deepEqual(
      notes.list().map(({ repair, before }) => [repair, before]),
      [['truncated-call', '{"a']],
    );
  });

  it('tells a repetition loop from other broken arguments', () => {
    const { calls, notes } = gather([
      [{ index: 0, id: 'c', function: { name: 'Write', arguments: `{"content":"${'ab '.repeat(6_000)}` } }],
    ]);
    assert.throws(() => calls.settle(false, false), /repetition/);
    assert.equal(notes.list()[0]?.repair, 'repetition-loop');
  });

  it('does not slow down with the length of a call that names itself in each delta', () => {
    const content = 'if (a) { b(); }\n'.repeat(8_000);
    const pieces = JSON.stringify({ file_path: '/a', content }).match(/[\s\S]{1,8}/g) ?? [];
    const { calls } = gather(pieces.map((piece) => [{ id: '', function: { name: 'Write', arguments: piece } }]));
    const [call] = calls.settle(false, false);
    assert.deepEqual(JSON.parse(call?.arguments ?? ''), { file_path: '/a', content });
  });
});
