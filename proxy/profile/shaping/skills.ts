export interface Skill {
  name: string;
  /** When to use it. */
  description: string;
  /** A file, a command, or '' where the client names none. */
  location: string;
}

export interface SkillList {
  /** Where the block stands in the text it was found in. */
  start: number;
  end: number;
  skills: Skill[];
}

const open = '<available_skills>';
const close = '</available_skills>';

/**
 * Finds `<available_skills>` as OpenClaw, OpenCode and Claude Code write it: `<skill>` elements with name, description
 * and location, the same as attributes, or one line a skill.
 * @returns the blocks in order; one in which no skill can be read is left out
 */
export function findSkills(text: string): SkillList[] {
  const found: SkillList[] = [];
  for (let from = 0; ; ) {
    const bodyEnd = text.indexOf(close, from);
    if (bodyEnd === -1) return found;
    const end = bodyEnd + close.length;
    // The prose around it says "Scan <available_skills>" too: the block begins with the last one.
    const offset = text.slice(from, bodyEnd).lastIndexOf(open);
    if (offset !== -1) {
      const start = from + offset;
      const skills = readSkills(text.slice(start + open.length, bodyEnd));
      if (skills.length > 0) found.push({ start, end, skills });
    }
    from = end;
  }
}

function readSkills(body: string): Skill[] {
  const elements = body.split(/<skill(?=[\s>])/).slice(1);
  const skills = elements.length > 0 ? elements.map(readElement) : body.split('\n').map(readLine);
  return skills.filter((skill) => skill !== undefined);
}

function readElement(element: string): Skill | undefined {
  const attributesEnd = element.indexOf('>');
  const attributes = element.slice(0, Math.max(attributesEnd, 0));
  const content = element.slice(attributesEnd + 1, endOf(element, '</skill>'));
  const field = (...names: string[]): string => {
    for (const name of names) {
      const value = childOf(content, name) ?? attributeOf(attributes, name);
      if (value !== undefined) return plain(value);
    }
    return '';
  };
  const name = field('name', 'id');
  if (name === '') return undefined;
  const own = content.includes('<') ? '' : plain(content);
  return {
    name,
    description: field('description', 'when') || own,
    location: field('location', 'path', 'file', 'command'),
  };
}

/** `- name: when to use it`, as older versions of Claude Code write it, the name in quotes or not. */
function readLine(line: string): Skill | undefined {
  const match = /^\s*(?:[-*]\s+)?["'`*]*([\w:./-]+)["'`*]*:\s+(\S.*)$/.exec(line);
  return match ? { name: match[1] ?? '', description: plain(match[2] ?? ''), location: '' } : undefined;
}

function childOf(content: string, name: string): string | undefined {
  const start = content.indexOf(`<${name}>`);
  if (start === -1) return undefined;
  return content.slice(start + name.length + 2, endOf(content, `</${name}>`));
}

function attributeOf(attributes: string, name: string): string | undefined {
  return new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`)
    .exec(attributes)
    ?.slice(1)
    .find((value) => value !== undefined);
}

function endOf(text: string, tag: string): number {
  const end = text.indexOf(tag);
  return end === -1 ? text.length : end;
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function plain(text: string): string {
  return text
    .replace(/&(lt|gt|quot|apos|amp);/g, (whole, name: string) => entities[name] ?? whole)
    .replace(/\s+/g, ' ')
    .trim();
}
