import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import type { Part } from '../../../proxy/part.ts';
import { RepairNotes } from '../../../proxy/repair/repair.ts';
import { makeTextRepairs, runRepairs } from '../../../proxy/repair/repairs.ts';
import { findRepetition } from '../../../proxy/repair/repetition-loop.ts';
import { tools } from './pipe.ts';

describe('findRepetition', () => {
  it('finds blanks without end', () => {
    assert.deepEqual(findRepetition(`{"a": 1,${'\n'.repeat(5000)}`), { start: 8, unit: '\n', count: 5000 });
  });

  it('finds a unit that comes again and again, and where that began', () => {
    const loop = findRepetition(`intro:${'foo bar. '.repeat(2000)}fo`);
    assert.equal(loop?.unit, 'foo bar. ');
    assert.equal(loop.start, 6);
    assert.equal(loop.count, 2000);
  });

  it('leaves what people write: short runs, long units, a loop that ended', () => {
    assert.equal(findRepetition(`a${' '.repeat(2000)}`), undefined);
    assert.equal(findRepetition('='.repeat(8000)), undefined);
    assert.equal(findRepetition(`${Array.from({ length: 300 }, (_, at) => at).join(', ')}\n`.repeat(20)), undefined);
    assert.equal(findRepetition(`${'-'.repeat(20_000)}end of the table`), undefined);
    assert.equal(findRepetition(''), undefined);
  });
});

describe('a text call whose arguments loop', () => {
  it('ends in an error while the model still writes, with nothing of it sent', () => {
    const notes = new RepairNotes();
    const sent: Part[] = [];
    const context = { tools, quotable: () => '', thinkingPrefilled: false, notes };
    const pipe = runRepairs(makeTextRepairs(context), (part) => sent.push(part));
    pipe.write({ type: 'text', text: 'I write.\n' });
    pipe.write({ type: 'text', text: '<tool_call>Write<arg_key>content</arg_key><arg_value>A: ' });
    let written = 0;
    assert.throws(
      () => {
        for (; written < 10_000; written += 1) pipe.write({ type: 'text', text: 'and again ' });
      },
      (thrown) => thrown instanceof StrelkaError && thrown.kind === 'tool-call-broken',
    );
    assert.ok(written < 3000, `${written} pieces were taken`);
    pipe.flush();
    assert.deepEqual(sent, [{ type: 'text', text: 'I write.\n' }]);
    assert.equal(notes.list()[0]?.repair, 'repetition-loop');
  });
});
