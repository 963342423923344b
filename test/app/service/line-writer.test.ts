import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineWriter } from '../../../app/service/line-writer.ts';

describe('the line writer', () => {
  it('writes the lines of one turn in one go, in order', async () => {
    const written: string[] = [];
    const writer = new LineWriter((text) => written.push(text));
    writer.write('a\n');
    writer.write('b\n');
    assert.deepEqual(written, []);
    await new Promise((resolve) => setImmediate(resolve));
    writer.write('c\n');
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(written, ['a\nb\n', 'c\n']);
  });

  it('writes what waits when it is told to, and nothing twice', async () => {
    const written: string[] = [];
    const writer = new LineWriter((text) => written.push(text));
    writer.write('last words\n');
    writer.flush();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(written, ['last words\n']);
  });
});
