import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readBlocks } from '../../../../proxy/profile/shaping/block-reader.ts';
import { divide } from '../../../../proxy/profile/shaping/parts.ts';
import { weighParts } from '../../../../proxy/profile/shaping/weights.ts';

/** @returns the weight of the part that holds the word, in a prompt of the given sections */
function weightOf(word: string, ...sections: string[]): number {
  const parts = divide(readBlocks(['You are a helper.', ...sections].join('\n\n')), 10);
  const found = parts.findIndex(({ text }) => text.includes(word));
  assert.notEqual(found, -1, word);
  return weighParts(parts, 4000)[found] ?? 0;
}

const policy = `WORD ${'Think of all that might be said about this. '.repeat(12)}`;

/** From what stays longest to what goes first. */
const ranks: [string, number][] = [
  ['the forced choice', weightOf('WORD', 'Your next answer must call the tool WORD.')],
  ['the environment', weightOf('WORD', '<env>\n  Working directory: /WORD\n  Platform: linux\n</env>')],
  ["the user's instructions", weightOf('WORD', '<system-reminder>\nWORD\n</system-reminder>')],
  ['rules of tools', weightOf('WORD', '# Tool usage\n\nPrefer WORD to others.')],
  ['a workflow', weightOf('WORD', '# Doing tasks\n\nFirst look at WORD.')],
  ['any other word', weightOf('WORD', '# Other things\n\nThere is WORD.')],
  ['long policy prose', weightOf('WORD', policy)],
  ['talk of style', weightOf('WORD', '# Tone and style\n\nWORD shortly.')],
  ['an example', weightOf('WORD', '<example>\nuser: WORD\n</example>')],
];

describe('the weight of a part', () => {
  it('falls from the environment to examples', () => {
    const sorted = ranks.toSorted(([, a], [, b]) => b - a);
    assert.deepEqual(
      ranks.map(([name]) => name),
      sorted.map(([name]) => name),
    );
    assert.equal(new Set(ranks.map(([, weight]) => weight)).size, ranks.length);
  });

  it('is highest for who the model is', () => {
    assert.equal(weightOf('helper', 'More.'), 100);
  });

  it('knows the same in Russian', () => {
    const tools = weightOf('СЛОВО', '# Инструменты\n\nСЛОВО лучше других.');
    const place = weightOf('СЛОВО', 'Рабочая папка: /СЛОВО');
    const style = weightOf('СЛОВО', '# Стиль ответов\n\nСЛОВО кратко.');
    const example = weightOf('СЛОВО', '# Примеры\n\nВопрос: СЛОВО?');
    assert.ok(place > tools && tools > style && style > example);
  });

  const files: [string, string][] = [
    ['OpenCode', 'Instructions from: /p/AGENTS.md\n# Project\n\nUse WORD here.'],
    ['Claude Code', 'Contents of /p/CLAUDE.md (project instructions, checked into the codebase):\n\nUse WORD here.'],
    ['OpenClaw', '# Project Context\n## /p/AGENTS.md\n# AGENTS.md - Your Workspace\n\n## Style\n\nUse WORD here.'],
    ['a tag', '<project_instructions>\n# Style\n\nUse WORD here.\n</project_instructions>'],
  ];
  for (const [client, text] of files)
    it(`is high for the user's own files, as ${client} writes them`, () => {
      assert.ok(weightOf('WORD', text) >= 85);
    });

  it('ends with the file: what follows a closing mark is weighed by itself', () => {
    const after = '<!-- context -->\n## /p/AGENTS.md\nUse it.\n<!-- /context -->\n## Style\nWORD shortly.';
    assert.ok(weightOf('WORD', after) < 50);
    assert.ok(weightOf('WORD', '## /p/AGENTS.md\nUse it.\n\n## /p/SOUL.md\nBe WORD.') < 50);
  });

  it('is high for what keeps an agent from doing harm, whatever its heading', () => {
    for (const text of ['# Policy\n\nWORD: never commit secrets.', '# Git\n\nWORD: ask before destructive commands.'])
      assert.ok(weightOf('WORD', text) > 70, text);
  });

  it('does not let a long file of rules crowd out the rules of tools', () => {
    const rules = Array.from({ length: 60 }, (_, index) => `Rule ${index}: ${'take care of it '.repeat(5)}`).join(
      '\n\n',
    );
    const text = `Instructions from: /p/AGENTS.md\n\n${rules}`;
    const early = weightOf('Rule 2:', text);
    const late = weightOf('Rule 59:', text);
    const tools = weightOf('WORD', '# Tools\n\nUse WORD.');
    assert.ok(early > tools && tools > late && late > 50);
  });
});
