import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Utf8Reader } from '../../../proxy/openai/utf8.ts';

function readCut(text: string, size: number): string {
  const bytes = new TextEncoder().encode(text);
  const reader = new Utf8Reader();
  let read = '';
  for (let start = 0; start < bytes.length; start += size) read += reader.read(bytes.subarray(start, start + size));
  return read + reader.end();
}

describe('reading UTF-8', () => {
  for (const size of [1, 2, 3, 5, 1000])
    it(`is the same text in reads of ${size} bytes`, () => {
      assert.equal(readCut('Привет, мир 🎉 \u{1F682} ok', size), 'Привет, мир 🎉 \u{1F682} ok');
      assert.equal(readCut('\uFEFFdata: ю', size), 'data: ю', 'without a byte order mark');
      assert.equal(readCut('a\uFEFFb', size), 'a\uFEFFb', 'which is a character elsewhere');
    });

  it('replaces a character that is cut by the end', () => {
    const reader = new Utf8Reader();
    assert.equal(reader.read(Buffer.from('ю').subarray(0, 1)), '');
    assert.equal(reader.end(), '\uFFFD');
  });
});
