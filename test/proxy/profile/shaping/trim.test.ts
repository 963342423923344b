import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PromptPart } from '../../../../proxy/profile/shaping/parts.ts';
import { cutMark } from '../../../../proxy/profile/shaping/shorten.ts';
import { trimText } from '../../../../proxy/profile/shaping/trim.ts';
import { Random } from '../../translate/random.ts';

/** `w7` in a part makes its weight 7. */
const byMark = (parts: readonly PromptPart[]) => parts.map(({ text }) => Number(/\bw(\d+)/.exec(text)?.[1] ?? 0));
const fill = (length: number) => 'x'.repeat(length);

describe('trimming a text', () => {
  it('leaves what fits as it is', () => {
    assert.equal(trimText('# A\n\nword  \n', 100, byMark), '# A\n\nword  \n');
  });

  it('drops the lightest parts whole and keeps the order and the headings of the others', () => {
    const text = `w9 one ${fill(50)}\n\n# A\nw1 two ${fill(60)}\n\n# B\nw5 three ${fill(50)}\n\n## C\nw7 four ${fill(50)}\n`;
    assert.equal(
      trimText(text, 200, byMark),
      `w9 one ${fill(50)}\n\n# B\nw5 three ${fill(50)}\n\n## C\nw7 four ${fill(50)}`,
    );
    assert.equal(trimText(text, 150, byMark), `w9 one ${fill(50)}\n\n# B\n## C\nw7 four ${fill(50)}`);
  });

  it('keeps both tags around what stays in them', () => {
    const text = `w9 first ${fill(60)}\n\n<rules>\nw1 gone ${fill(90)}\n\nw8 stays ${fill(40)}\n</rules>\n\nw2 ${fill(200)}`;
    assert.equal(trimText(text, 160, byMark), `w9 first ${fill(60)}\n\n<rules>\nw8 stays ${fill(40)}\n</rules>`);
  });

  it('drops items of a long list one by one, and its leading words with the last', () => {
    const items = [3, 9, 5].map((weight) => `- w${weight} ${fill(60)}\n`);
    const text = `w9 ${fill(50)}\n\nTake care of:\n${items.join('')}`;
    assert.equal(trimText(text, 150, byMark), `w9 ${fill(50)}\n\nTake care of:\n${items[1]}`.trimEnd());
    assert.equal(trimText(text, 60, byMark), `w9 ${fill(50)}`);
  });

  it('fills the room that is left with lighter parts where a heavier one does not fit', () => {
    const text = `w9 ${fill(60)}\n\nw8 ${fill(80)}\n\nw1 ${fill(10)}`;
    assert.equal(trimText(text, 90, byMark), `w9 ${fill(60)}\n\nw1 ${fill(10)}`);
  });

  it('cuts only a part that alone exceeds the limit, behind a sentence, with a mark', () => {
    const sentences = Array.from({ length: 60 }, (_, index) => `Sentence number ${index} of a long text.`).join(' ');
    const cut = trimText(sentences, 500, byMark);
    assert.ok(cut.length <= 500 && cut.length > 300);
    assert.ok(cut.endsWith(`.\n${cutMark}`));
    assert.ok(sentences.startsWith(cut.slice(0, -cutMark.length - 1)));
    const withOther = trimText(`w1 ${sentences}\n\nw9 short`, 500, byMark);
    assert.ok(withOther.endsWith(`${cutMark}\n\nw9 short`) && withOther.length <= 500);
  });

  it('cuts a block of code behind a line', () => {
    const code = `\`\`\`\n${Array.from({ length: 90 }, (_, index) => `line ${index}`).join('\n')}\n\`\`\``;
    assert.match(trimText(code, 300, byMark), /\nline \d+\n\[The rest was left out\.\]$/);
  });

  it('never exceeds the limit and never brings a line that was not there, whatever the text', () => {
    const lines: [string, ...string[]] = [
      '',
      '',
      '# A',
      '## B',
      '- item',
      '  deeper',
      '```',
      '<a>',
      '</a>',
      '<example>',
      '</example>',
      '<!-- c -->',
      'Word:',
      'Some words. w3',
      'w8 важно',
      fill(90),
      'A line of words that has no end '.repeat(9),
      '👩‍👩‍👧 '.repeat(40),
    ];
    for (let seed = 1; seed <= 1000; seed += 1) {
      const random = new Random(seed);
      const text = Array.from({ length: 1 + random.below(60) }, () => random.pick(lines)).join('\n');
      const limit = 100 + random.below(900);
      const trimmed = trimText(text, limit, byMark);
      assert.ok(
        trimmed.length <= Math.max(limit, 0) || trimmed === text,
        `seed ${seed}: ${trimmed.length} of ${limit}`,
      );
      assert.ok(trimmed.isWellFormed(), `seed ${seed}`);
      assert.equal(trimText(text, limit, byMark), trimmed);
      const known = new Set(text.split('\n').map((line) => line.trim()));
      for (const line of trimmed.split('\n'))
        assert.ok(known.has(line.trim()) || trimmed.includes(cutMark), `seed ${seed}: ${line}`);
    }
  });
});
