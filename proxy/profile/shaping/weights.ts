import { isEndMark } from './block.ts';
import { isExample, type PromptPart } from './parts.ts';
import { hasSkillTable } from './skill-table.ts';

/** A rule that a part fits by its own text, or by the headings and tags around it. */
interface Rule {
  weight: number;
  text?: RegExp;
  heading?: RegExp;
}

/** Sentences that Strelka itself wrote for an upstream without a forced tool choice (translate/tool-choice.ts). */
const forcedChoice = /^Your next answer must call /m;

/** One of these facts makes a part of the environment. */
const environment =
  /^[\s*>-]{0,8}(primary )?(working directory|cwd)\b|working directory:|рабоч(ая|ий) (папка|каталог|директория):|\btoday'?s date\b|\bcurrent date\b|текущая дата|^[\s*>-]{0,8}platform:|is (directory )?a git repo/im;

/** Files whose content clients put into the prompt: what the user wants of every session. */
const userFile =
  /(?:^|[\s/\\"'`(])((?:AGENTS|CLAUDE|GEMINI|USER|TOOLS|RULES|CONVENTIONS|copilot-instructions)[\w.-]*\.mdc?|\.(?:cursor|windsurf|cline)rules)\b/;
/** Other files of that kind: a persona, a diary, a first-run ritual. */
const otherFile = /^\S+\.(?:md|mdc|txt)$/;
/** OpenCode and Claude Code put a line before a file, OpenClaw a heading. */
const fileLine = /^(?:Instructions from:|Contents of|#\s*File:)\s*\S+/im;
const userTag = /instruction|rules|claude|agents|reminder|memory|user_|custom/i;

/** What keeps an agent from doing harm is short and is needed. */
const caution =
  /\b(destructive|irreversible|hard to reverse|never commit|only commit|commit\b.{0,40}\bunless|(commit|expose|log)\w* (\w+ )?secrets?|credentials)\b|необратим|без (спроса|разрешения)/i;
const toolHeading = /\btool(?!.{0,9} style)|function call|\bcommand|инструмент|команд/i;

/** The first that fits counts. */
const rules: readonly Rule[] = [
  {
    weight: 20,
    heading: /documentation|\bdocs\b|feedback|related|about|changelog|first run|bootstrap|greeting|справк/i,
  },
  {
    weight: 25,
    heading:
      /tone|style|voice|vibe|persona|soul|format|verbos|proactiv|emoji|silent|narrat|стил|тон(?![а-яё])|личност/i,
  },
  { weight: 75, text: caution },
  { weight: 75, heading: toolHeading },
  { weight: 40, heading: /polic|legal|privacy|memory|context management|полити|памят/i },
  { weight: 25, text: /\b(emoji|tone|verbos\w*|preamble|concise|pronouns?|sycophan\w*|flatter\w*)\b|эмодзи|вежлив/i },
  { weight: 70, text: /\btools?\b|\binvoke\b|инструмент/i },
  {
    weight: 60,
    heading:
      /task|rule|workflow|convention|instruction|constraint|git\b|coding|execution|safety|security|правил|задач|требовани|безопасн/i,
  },
];
const plain = 50;
const emphasis = /\b(IMPORTANT|CRITICAL|MUST|NEVER|ALWAYS|REQUIRED)\b|ВАЖНО|НИКОГДА|ВСЕГДА|ОБЯЗАТЕЛЬНО/;
/** Prose of this length is policy more often than a rule. */
const longProse = 350;
/** "- read: Read files": the tools are declared beside the prompt anyway. */
const toolEntry = /^\s*[-*+]\s+[`*]*[\w.-]+[`*]*(?:\s+\([^)]*\))?(?::|\s*$)/;

/**
 * Weighs the parts of a system prompt: who the model is, where it works and what the user wants stay longest; rules of
 * tools next; talk of style, policies and examples go first (issue 3, point 3).
 * @param limit characters of all that can stay
 * @returns a weight for each part, in their order
 */
export function weighParts(parts: readonly PromptPart[], limit: number): number[] {
  let file: number | undefined;
  // A long file of rules leaves room for the client's own.
  let fileRoom = limit * 0.3;
  const first = parts.findIndex(({ kind, text }) => kind !== 'comment' && text.trim() !== '');
  return parts.map((part, index) => {
    file = isEndMark(part) ? undefined : (fileWeight(part) ?? file);
    if (index === first) return 100;
    const fixed = fixedWeight(part);
    if (fixed !== undefined) return fixed;
    if (file === undefined) return weighPart(part);
    fileRoom -= part.text.length;
    const weight = fileRoom < 0 ? Math.min(file, 65) : file;
    return isExample(part) ? weight - 5 : weight;
  });
}

/** @returns the weight of what is known for what it is, wherever it stands */
function fixedWeight({ kind, text, path }: PromptPart): number | undefined {
  if (kind === 'comment') return 5;
  if (forcedChoice.test(text)) return 99;
  if (hasSkillTable(text)) return 95;
  if (text.length < 1500 && environment.test(text)) return 90;
  const tag = kind === 'tag' ? /^<([\w-]+)/.exec(text)?.[1] : undefined;
  const isUsers = path.some((frame) => frame.kind === 'tag' && userTag.test(frame.name)) || userTag.test(tag ?? '');
  return isUsers ? 85 : undefined;
}

function weighPart(part: PromptPart): number {
  const { kind, text, path } = part;
  if (isExample(part)) return 10;
  const headings = path.map(({ name }) => name).reverse();
  if (kind === 'list' && headings.some((name) => toolHeading.test(name)) && toolEntry.test(text)) return 45;
  const weight = ruleOf(text, headings)?.weight ?? plain;
  if (kind === 'prose' && text.length > longProse && weight <= plain) return weight - 15;
  return weight >= plain && emphasis.test(text) ? weight + 8 : weight;
}

/** The nearest heading tells more than the title over all. */
function ruleOf(text: string, headings: readonly string[]): Rule | undefined {
  for (const name of [...headings, ''].slice(0, Math.max(headings.length, 1))) {
    const rule = rules.find((each) => each.heading?.test(name) || each.text?.test(text));
    if (rule) return rule;
  }
  return undefined;
}

/** @returns the weight of a file that begins with this part, undefined where none begins */
function fileWeight({ text, path }: PromptPart): number | undefined {
  const name = fileLine.exec(text)?.[0] ?? path.findLast(({ name }) => otherFile.test(name))?.name;
  if (name === undefined) return undefined;
  return userFile.test(name) ? 85 : 30;
}
