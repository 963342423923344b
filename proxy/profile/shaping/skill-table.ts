import { firstSentence, shorten } from './shorten.ts';
import { findSkills, type Skill } from './skills.ts';

const title = 'Dispatch table (available_skills).';

/** How a model gets at a skill with the tools it has. */
export interface SkillAccess {
  /** The tool that loads a skill by its name. */
  skillTool?: string;
  /** The tool that reads a file. */
  readTool?: string;
}

export interface TabulatedText {
  text: string;
  /** Characters of the blocks and of the tables in their place; both 0 where there was none. */
  beforeChars: number;
  afterChars: number;
}

/** Ways to write the table, from the fullest to the shortest; the first that fits is taken. */
const manners: readonly { when: (description: string) => string; byFolder: boolean }[] = [
  { when: (description) => description, byFolder: false },
  { when: firstSentence, byFolder: false },
  { when: (description) => shorten(firstSentence(description), 120), byFolder: false },
  { when: (description) => shorten(firstSentence(description), 80), byFolder: true },
  { when: (description) => shorten(firstSentence(description), 50), byFolder: true },
  { when: (description) => shorten(firstSentence(description), 30), byFolder: true },
];

/**
 * Puts Markdown tables in the place of `<available_skills>` blocks, which small models overlook (seeds 1.3, insights
 * 43 to 45). Every skill stays; where room is short, descriptions are.
 * @param limit characters that one table should keep within
 * @returns the text, the same where there is no such block
 */
export function tabulateSkills(text: string, access: SkillAccess, limit: number): TabulatedText {
  let written = '';
  let from = 0;
  let beforeChars = 0;
  let afterChars = 0;
  for (const { start, end, skills } of findSkills(text)) {
    const between = text.slice(from, start);
    const before = (from === 0 ? between : `${written}\n${between}`).trimEnd();
    const table = writeTable(skills, access, limit);
    written = before === '' ? table : `${before}\n\n${table}`;
    from = end;
    beforeChars += end - start;
    afterChars += table.length;
  }
  if (from === 0) return { text, beforeChars, afterChars };
  const rest = text.slice(from);
  return { text: rest.trim() === '' ? written : `${written}\n${rest}`, beforeChars, afterChars };
}

export function isSameAccess(one: SkillAccess, other: SkillAccess): boolean {
  return one.skillTool === other.skillTool && one.readTool === other.readTool;
}

/** @returns true for a text that holds such a table */
export function hasSkillTable(text: string): boolean {
  return text.startsWith(title) || text.includes(`\n${title}`);
}

function writeTable(skills: readonly Skill[], access: SkillAccess, limit: number): string {
  let table = '';
  for (const { when, byFolder } of manners) {
    const rows = skills.map((skill) => ({ ...skill, description: when(skill.description) }));
    table = `${title} ${instruction(skills, access)}\n${byFolder ? folderTables(rows) : plainTable(rows)}`;
    if (table.length <= limit) return table;
  }
  return table;
}

function instruction(skills: readonly Skill[], { skillTool, readTool }: SkillAccess): string {
  const located = skills.some(({ location }) => isPath(location));
  const how = skillTool
    ? `load that skill with the tool ${skillTool}`
    : located
      ? `read its file${readTool ? ` with the tool ${readTool}` : ''}`
      : 'use that skill';
  return `When the task matches a row, first ${how}, then follow it:`;
}

function plainTable(skills: readonly Skill[]): string {
  const located = skills.some(({ location }) => location !== '');
  return tableOf(
    located ? ['Name', 'When to use', 'Location or command'] : ['Name', 'When to use'],
    skills.map(({ name, description, location }) => (located ? [name, description, location] : [name, description])),
  );
}

/** Paths repeat their folder row by row. One that ends as NAME/FILE is told once for all its skills. */
function folderTables(skills: readonly Skill[]): string {
  const groups = new Map<string, Skill[]>();
  for (const skill of skills) {
    const place = commonPlace(skill);
    groups.set(place, [...(groups.get(place) ?? []), skill]);
  }
  const tables = [...groups].map(([place, members]) =>
    place === '' ? plainTable(members) : `Files: ${place}\n${plainTable(members.map(withoutLocation))}`,
  );
  return tables.join('\n');
}

function commonPlace({ name, location }: Skill): string {
  const parts = location.split('/');
  return isPath(location) && parts.at(-2) === name ? [...parts.slice(0, -2), 'NAME', parts.at(-1)].join('/') : '';
}

function withoutLocation(skill: Skill): Skill {
  return { ...skill, location: '' };
}

function isPath(location: string): boolean {
  return location.includes('/');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
