import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PdfCache } from '../../../proxy/translate/pdf-cache.ts';

const text = (length: number) => ({ pages: ['x'.repeat(length)] });

function keysOf(cache: PdfCache, keys: string): string {
  return [...keys].filter((key) => cache.get(key) !== undefined).join('');
}

describe('the cache of PDF readings', () => {
  it('forgets what was not asked for longest, by count', () => {
    const cache = new PdfCache({ readings: 2, characters: 100 });
    cache.set('a', text(1));
    cache.set('b', text(1));
    assert.ok(cache.get('a'));
    cache.set('c', text(1));
    assert.equal(keysOf(cache, 'abc'), 'ac');
  });

  it('forgets by the size of the texts too, as many as it takes', () => {
    const cache = new PdfCache({ readings: 10, characters: 100 });
    for (const key of 'abcd') cache.set(key, text(25));
    assert.equal(keysOf(cache, 'abcd'), 'abcd');
    cache.set('e', text(60));
    assert.equal(keysOf(cache, 'abcde'), 'de');
  });

  it('does not keep what is larger than all it may hold, and keeps the others', () => {
    const cache = new PdfCache({ readings: 10, characters: 100 });
    cache.set('a', text(50));
    cache.set('b', text(101));
    assert.equal(keysOf(cache, 'ab'), 'a');
  });

  it('counts a key that is set again once', () => {
    const cache = new PdfCache({ readings: 10, characters: 100 });
    for (let round = 0; round < 5; round += 1) cache.set('a', text(50));
    cache.set('b', text(50));
    assert.equal(keysOf(cache, 'ab'), 'ab');
    cache.set('c', { problem: 'damaged' });
    assert.equal(keysOf(cache, 'abc'), 'abc');
  });
});
