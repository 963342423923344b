import type { ChatTool } from '../../openai/chat-request.ts';
import { isExample, type PromptPart } from './parts.ts';
import { mapDescriptions } from './schema-descriptions.ts';
import { hasSkillTable, isSameAccess, type SkillAccess, tabulateSkills } from './skill-table.ts';
import { trimText } from './trim.ts';

/** Descriptions of parameters get this share of what a tool's own gets; they are many. */
const parameterShare = 0.3;

interface Shaped {
  limit: number;
  access: SkillAccess;
  tool: ChatTool;
}

/** Tools keep their identity over the turns of a conversation (translate/tool-store.ts), and so do shaped ones. */
const known = new WeakMap<ChatTool, Shaped>();

/**
 * Trims the descriptions of a tool and of its parameters. Names, types, enums and what is required stay as they are.
 * @param limit characters that the tool's description may hold; a table of skills in it comes on top
 * @returns the same tool where nothing was too long
 */
export function shapeTool(tool: ChatTool, limit: number, access: SkillAccess): ChatTool {
  const shaped = known.get(tool);
  if (shaped?.limit === limit && isSameAccess(shaped.access, access)) return shaped.tool;
  const made = makeShaped(tool, limit, access);
  known.set(tool, { limit, access, tool: made });
  return made;
}

/** @returns characters of the descriptions of a tool and its parameters */
export function describedChars({ function: { description, parameters } }: ChatTool): number {
  let chars = description?.length ?? 0;
  mapDescriptions(parameters, (text) => {
    chars += text.length;
    return text;
  });
  return chars;
}

function makeShaped(tool: ChatTool, limit: number, access: SkillAccess): ChatTool {
  const { description, parameters } = tool.function;
  const shortDescription = description && shortenDescription(description, limit, access);
  const parameterLimit = Math.ceil(limit * parameterShare);
  const shortParameters = mapDescriptions(parameters, (text) => trimText(text, parameterLimit, weighDescription));
  if (shortDescription === description && shortParameters === parameters) return tool;
  const shaped: ChatTool['function'] = { ...tool.function, parameters: { ...shortParameters } };
  if (shortDescription !== undefined) shaped.description = shortDescription;
  return { ...tool, function: shaped };
}

function shortenDescription(description: string, limit: number, access: SkillAccess): string {
  const { text, afterChars } = tabulateSkills(description, access, limit);
  // A skill that is not listed can't be used: its table does not count.
  return trimText(text, limit + afterChars, weighDescription);
}

/** What rules the use of parameters, and what names their possible values. */
const parameterRule =
  /\b(parameters?|arguments?|param|required|optional|must|absolute|default|maximum|timeout)\b|параметр|обязат/i;
const choices = /\b(available|types?|modes?|values?|one of)\b|доступн/i;
const aside = /\b(git|pull request|pr|commit|notes?|tips?|background)\b/i;

/** First sentences first, then rules of parameters, examples last. */
function weighDescription(parts: readonly PromptPart[]): number[] {
  return parts.map((part, index) => {
    if (index === 0) return 100;
    if (hasSkillTable(part.text)) return 95;
    if (isExample(part)) return 5;
    const headings = part.path.map(({ name }) => name).join('\n');
    if (choices.test(headings)) return 80;
    if (aside.test(headings)) return 20;
    return parameterRule.test(part.text) ? 70 : 50;
  });
}
