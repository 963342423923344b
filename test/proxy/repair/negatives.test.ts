import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RepairNotes } from '../../../proxy/repair/repair.ts';
import { cuts, noTools, repair, text, tools } from './pipe.ts';

const folder = path.join(import.meta.dirname, '../../fixtures/negatives');
const files = readdirSync(folder).filter((file) => file.endsWith('.txt'));

describe('texts that speak of calls and make none', () => {
  it('are at least 40', () => {
    assert.ok(files.length >= 40, `${files.length} files`);
  });

  for (const file of files) {
    const content = readFileSync(path.join(folder, file), 'utf8');
    it(`${file} passes unchanged to the byte`, () => {
      for (const declared of [tools, noTools])
        for (const finish of ['stop', 'length', 'content-filter'] as const)
          for (const [cutting, cut] of cuts) {
            const notes = new RepairNotes();
            const got = repair([text(content)], cut, { tools: declared, finish, notes });
            assert.deepEqual(got, [text(content), { type: 'finish', reason: finish }], `${cutting}, ${finish}`);
            assert.deepEqual(notes.list(), [], cutting);
          }
    });
  }
});
