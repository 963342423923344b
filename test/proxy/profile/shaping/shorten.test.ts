import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cutMark, cutText, firstSentence, shorten } from '../../../../proxy/profile/shaping/shorten.ts';

describe('shortening', () => {
  it('finds the first sentence', () => {
    const sentences: [string, string][] = [
      ['One. Two.', 'One.'],
      ['Use it for files, e.g. PDFs. Then stop.', 'Use it for files, e.g. PDFs.'],
      ['Version 1.2 is out! Yes.', 'Version 1.2 is out!'],
      ['Читает файлы и т.д. сразу. Потом нет.', 'Читает файлы и т.д. сразу.'],
      ['No end', 'No end'],
      ['', ''],
    ];
    for (const [text, first] of sentences) assert.equal(firstSentence(text), first);
  });

  it('keeps whole words and whole characters', () => {
    assert.equal(shorten('Diagnose gateways, ports and more', 20), 'Diagnose gateways…');
    assert.equal(shorten('short', 5), 'short');
    for (let limit = 2; limit < 20; limit += 1) {
      const short = shorten('🎉'.repeat(30), limit);
      assert.ok(short.length <= limit && short.isWellFormed(), String(limit));
    }
  });

  it('cuts at the end of a paragraph, else of a line, a sentence or a word', () => {
    const more = ' and more'.repeat(20);
    const cut = (text: string) => cutText(text + more, cutMark.length + 21).replace(`\n${cutMark}`, '|');
    assert.equal(cut('one two\n\nthree. four'), 'one two|');
    assert.equal(cut('one two\nthree. four'), 'one two|');
    assert.equal(cut('one two. three four'), 'one two.|');
    assert.equal(cut('one two three four five'), 'one two three four|');
    assert.equal(cut('x'.repeat(99)), `${'x'.repeat(20)}|`);
    assert.equal(cutText('fits', 4), 'fits');
    assert.equal(cutText('does not fit', 5), '');
  });
});
