import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Block, blockText, isFrame } from '../../../../proxy/profile/shaping/block.ts';
import { readBlocks } from '../../../../proxy/profile/shaping/block-reader.ts';
import { Random } from '../../translate/random.ts';
import { clientPrompt, clientPrompts, systemOf } from './client-prompts.ts';

/** Blocks in short: `section A(prose list)`. */
function outline(blocks: readonly Block[]): string {
  return blocks
    .map((block) => (isFrame(block) ? `${block.kind} ${block.name.trim()}(${outline(block.blocks)})` : block.kind))
    .join(' ');
}

const read = (...lines: string[]) => outline(readBlocks(lines.join('\n')));
const whole = (text: string) => readBlocks(text).map(blockText).join('');

describe('the blocks of a prompt', () => {
  it('are paragraphs, lists, fences and tags', () => {
    assert.equal(read('One', 'two.', '', 'Three.'), 'prose prose');
    assert.equal(read('- a', '  more', '', '- b', 'Then.', '', 'Prose'), 'list prose');
    assert.equal(read('```sh', '# no heading', '- no list', '```', 'Prose'), 'code prose');
    assert.equal(read('<!-- mark -->', '<b>x</b>'), 'comment tag');
    assert.equal(read('<env>', '  cwd: /', '</env>'), 'tag env(prose)');
    assert.equal(read('<example>', '# x', '</example>', '<example_2>', 'y', '</example_2>'), 'tag tag');
  });

  it('stand in the sections of their headings', () => {
    assert.equal(
      read('You.', '# A', 'a', '## B', '- b', '## C', '# D', 'd'),
      'prose section A(prose section B(list) section C()) section D(prose)',
    );
  });

  it('hold the words that lead to a list or a fence together with it', () => {
    assert.equal(
      read('Take care of:', '- a', '', 'So:', '', '```', 'x', '```'),
      'lead Take care of:(list) lead So:(code)',
    );
  });

  it('end at the mark behind what a client marked off', () => {
    assert.equal(read('<!-- a -->', '# A', 'a', '<!-- /a -->', 'b'), 'comment section A(prose) comment prose');
  });

  it('take placeholders and broken tags for words', () => {
    assert.equal(read('<name> of the file', 'goes here', '', '<open>', 'x'), 'prose prose');
    assert.equal(read('```', 'never closed', '', 'x'), 'prose prose');
    assert.equal(read('#hashtag', '####### seven'), 'prose');
  });

  it('lose nothing of what real clients send', async () => {
    for (const name of clientPrompts) {
      const system = systemOf(await clientPrompt(name));
      assert.ok(system.length > 5000);
      assert.equal(whole(system), system, name);
    }
  });

  it('lose nothing of any text', () => {
    const lines: [string, ...string[]] = [
      '',
      '',
      '   ',
      '# A',
      '## B ',
      '- item',
      '  deeper',
      '1. one',
      '```',
      '~~~js',
      '<a>',
      '</a>',
      '<b x="1">',
      '</b>',
      '<example>',
      '</example>',
      '<!-- c -->',
      '<!-- /c -->',
      'Word:',
      'Some words.',
      '\ttab',
      '> quote',
      '| a | b |',
      '\r',
    ];
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = new Random(seed);
      const text = Array.from({ length: random.below(40) }, () => random.pick(lines)).join('\n');
      assert.equal(whole(text), text, `seed ${seed}`);
    }
  });

  it('are read from tags nested without end, and from thousands that are never closed', () => {
    const deep = `${'<a>\n'.repeat(5000)}x\n${'</a>\n'.repeat(5000)}`;
    const unclosed = Array.from({ length: 20_000 }, (_, index) => `<tag${index}>\n`).join('');
    for (const text of [deep, unclosed]) assert.equal(whole(text), text);
  });
});
