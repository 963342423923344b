import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasSkillTable, tabulateSkills } from '../../../../proxy/profile/shaping/skill-table.ts';
import { clientPrompt, systemOf } from './client-prompts.ts';

const wide = 100_000;
const block = (...skills: string[]) => `<available_skills>\n${skills.join('\n')}\n</available_skills>`;
const skill = (name: string, description: string, location: string) =>
  `  <skill>\n    <name>${name}</name>\n    <description>${description}</description>\n    <location>${location}</location>\n  </skill>`;
const table = (text: string, limit = wide) => tabulateSkills(text, {}, limit).text;
const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('|'));

describe('the dispatch table', () => {
  it('has a row a skill: name, when to use it, where it is', () => {
    const weather = skill(
      'weather',
      'Forecasts &amp; rain,\n      with &lt;wttr&gt; | curl',
      '~/skills/weather/SKILL.md',
    );
    assert.deepEqual(rows(table(block(weather, skill('tmux', 'Sessions', 'exec tmux')))), [
      '| Name | When to use | Location or command |',
      '| --- | --- | --- |',
      '| weather | Forecasts & rain, with <wttr> \\| curl | ~/skills/weather/SKILL.md |',
      '| tmux | Sessions | exec tmux |',
    ]);
  });

  it('reads attributes, elements in any order, and lines', () => {
    const odd = block(
      '<skill name="a" location="/a">Does A</skill>',
      "<skill id='b'><description>Does B</description></skill>",
      '<skill>\n<path>/c</path><description>Does C</description><name>c</name>',
    );
    assert.deepEqual(rows(table(odd)).slice(2), ['| a | Does A | /a |', '| b | Does B |  |', '| c | Does C | /c |']);
    assert.deepEqual(rows(table(block('- pdf: Read PDFs', '"xlsx": Sheets', '**x:y**: Z'))), [
      '| Name | When to use |',
      '| --- | --- |',
      '| pdf | Read PDFs |',
      '| xlsx | Sheets |',
      '| x:y | Z |',
    ]);
  });

  it('stands in the place of the block, between the words around it, and tells how skills are loaded', () => {
    const text = `Scan <available_skills>. Read its <location>.\n${block(skill('a', 'A', '/s/a/SKILL.md'))}\n## Next\n`;
    const { text: made, beforeChars, afterChars } = tabulateSkills(text, { readTool: 'read' }, wide);
    assert.match(
      made,
      /^Scan <available_skills>\. Read its <location>\.\n\nDispatch table \(available_skills\)\. When the/,
    );
    assert.match(made, /first read its file with the tool read, then follow it:\n\| Name /);
    assert.match(made, /\| a \| A \| \/s\/a\/SKILL\.md \|\n\n## Next\n$/);
    assert.equal(beforeChars, block(skill('a', 'A', '/s/a/SKILL.md')).length);
    assert.equal(made.length, text.length - beforeChars + afterChars + 2);
    assert.ok(hasSkillTable(made));
    assert.match(
      tabulateSkills(text, { skillTool: 'Skill', readTool: 'Read' }, wide).text,
      /load that skill with the tool Skill/,
    );
    assert.match(tabulateSkills(block('- a: A'), {}, wide).text, /first use that skill/);
  });

  it('replaces each block', () => {
    const text = `One\n${block('- a: A')}\nTwo\n${block('- b: B')}\nThree`;
    assert.deepEqual(
      rows(table(text)).filter((row) => !/Name|---/.test(row)),
      ['| a | A |', '| b | B |'],
    );
    assert.match(table(text), /^One\n\nDispatch.*\n\nTwo\n\nDispatch.*\n\nThree$/s);
  });

  it('leaves a text without a block, an empty block and a strange one as they are', () => {
    for (const text of [
      '',
      'Scan <available_skills>.',
      '</available_skills> <available_skills>',
      block(),
      block('no list'),
      block('<skill></skill>'),
    ]) {
      assert.equal(table(text), text);
      assert.ok(!hasSkillTable(text));
    }
  });

  it('keeps every skill where room is short: sentences, then words, then a folder told once', async () => {
    const system = systemOf(await clientPrompt('openclaw-last-turn-chat'));
    const names = [...system.matchAll(/<name>(.*?)<\/name>/g)].map((match) => match[1] ?? '');
    assert.equal(names.length, 22);
    let longest = Number.POSITIVE_INFINITY;
    for (const limit of [wide, 5000, 4000, 3000, 2000, 100]) {
      const { text, afterChars } = tabulateSkills(system, {}, limit);
      for (const name of names) assert.match(text, new RegExp(`\\| ${name} \\| \\S`), `${name} within ${limit}`);
      assert.ok(afterChars <= limit || limit === 100, `${afterChars} of ${limit}`);
      assert.ok(afterChars <= longest);
      longest = afterChars;
    }
    const short = tabulateSkills(system, {}, 2000).text;
    assert.match(short, /\nFiles: ~\/\.openclaw\/plugin-skills\/NAME\/SKILL\.md\n\| Name \| When to use \|\n/);
    assert.match(short, /\| weather \| Current weather and forecasts with[^|]*… \|/);
  });

  it('tells the place of each skill whose path does not hold its name, however short the table', () => {
    const skills = ['a', 'b'].map((name) => skill(name, 'word '.repeat(100), `/skills/file-of-${name}.md`));
    const short = table(block(...skills), 300);
    assert.match(short, /\/skills\/file-of-a\.md/);
    assert.match(short, /\/skills\/file-of-b\.md/);
  });
});
