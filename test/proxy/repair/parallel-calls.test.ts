import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part } from '../../../proxy/part.ts';
import { ParallelCalls } from '../../../proxy/repair/parallel-calls.ts';
import { RepairNotes } from '../../../proxy/repair/repair.ts';

const call = (name: string): Part => ({ type: 'tool-call', id: name, name, arguments: `{"of":"${name}"}` });
const text: Part = { type: 'text', text: 'Then.' };
const finish: Part = { type: 'finish', reason: 'tool-calls' };

function pass(...parts: Part[]) {
  const notes = new RepairNotes();
  const stage = new ParallelCalls(notes);
  const out: Part[] = [];
  for (const part of parts) stage.write(part, (passed) => out.push(passed));
  return { out, notes: notes.list() };
}

describe('one call at a time', () => {
  it('keeps the first call and drops the others, each noted', () => {
    const { out, notes } = pass(call('Read'), call('Bash'), text, call('Grep'), finish);
    assert.deepEqual(out, [call('Read'), text, finish]);
    assert.deepEqual(notes, [{ repair: 'parallel-call-dropped', count: 2, before: 'Bash {"of":"Bash"}', after: '' }]);
  });

  it('leaves an answer with one call or none as it is', () => {
    for (const parts of [
      [text, call('Read'), finish],
      [text, finish],
    ]) {
      const { out, notes } = pass(...parts);
      assert.deepEqual(out, parts);
      assert.deepEqual(notes, []);
    }
  });
});
