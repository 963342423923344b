import type { Profile } from '../../contract/profile.ts';
import type { ChatMessage, ChatRequest, ChatTool } from '../../openai/chat-request.ts';
import { criticalLines } from './critical-lines.ts';
import { type SkillAccess, tabulateSkills } from './skill-table.ts';
import { describedChars, shapeTool } from './tools.ts';
import { trimText } from './trim.ts';
import { weighParts } from './weights.ts';

export type Shaping = NonNullable<Profile['shaping']>;

/** What was made shorter or longer, for the log: the system prompt, the skills in it, the descriptions of all tools. */
export interface ShapingChange {
  what: 'system' | 'skills' | 'tools';
  beforeChars: number;
  afterChars: number;
}

export interface ShapedPrompt {
  /** The same object where nothing was changed. */
  chat: ChatRequest;
  changes: readonly ShapingChange[];
  /** The system prompt as the client meant it and as it is sent; '' where there is none. */
  original: string;
  sent: string;
}

/** The table of skills may fill this share of the system prompt. */
const skillShare = 0.5;

/**
 * Shapes a prompt for a model that loses long ones (seeds 1.3 and 6, issue 3): critical lines first, a dispatch table
 * in the place of `<available_skills>`, the system prompt and the tools' descriptions trimmed to a limit. Names and
 * schemas of tools and the messages of user, assistant and tools stay as they are. Pure: the same request gives the
 * same bytes, which prefix caches need.
 */
export function shapePrompt(chat: ChatRequest, shaping: Shaping): ShapedPrompt {
  const access = accessOf(chat.tools ?? []);
  const system = shapeSystem(chat, shaping, access);
  const tools = chat.tools?.map((tool) => shapeTool(tool, shaping.toolDescriptionLimit, access));
  const changes: ShapingChange[] = [...system.changes];
  const changedTools = tools?.some((tool, index) => tool !== chat.tools?.[index]) ? tools : undefined;
  if (changedTools)
    changes.push({ what: 'tools', beforeChars: described(chat.tools), afterChars: described(changedTools) });
  const { messages, original, sent } = system;
  if (changes.length === 0) return { chat, changes, original, sent };
  return { chat: { ...chat, messages, ...(changedTools && { tools: changedTools }) }, changes, original, sent };
}

type ShapedSystem = Pick<ChatRequest, 'messages'> & Omit<ShapedPrompt, 'chat'>;

function shapeSystem(chat: ChatRequest, shaping: Shaping, access: SkillAccess): ShapedSystem {
  const { messages } = chat;
  const hasTools = (chat.tools?.length ?? 0) > 0 && chat.tool_choice !== 'none';
  const conversation = messages.findIndex(({ role }) => role !== 'system');
  const count = conversation === -1 ? messages.length : conversation;
  const original = messages.slice(0, count).map(textOf).join('\n\n');

  const skills = { what: 'skills' as const, beforeChars: 0, afterChars: 0 };
  const tabulate = (text: string): string => {
    const table = tabulateSkills(text, access, Math.floor(shaping.systemLimit * skillShare));
    skills.beforeChars += table.beforeChars;
    skills.afterChars += table.afterChars;
    return table.text;
  };
  const leading = tabulate(original);
  // Later system messages are news of the moment and stay whole.
  const rest = messages.slice(count).map((message) => mapSystem(message, tabulate));

  const isFine = !hasTools && leading === original && original.length <= shaping.systemLimit;
  const sent = isFine ? original : writeSystem(leading, shaping, hasTools);
  const changes: ShapingChange[] = [];
  if (sent !== original) changes.push({ what: 'system', beforeChars: original.length, afterChars: sent.length });
  if (skills.beforeChars > 0) changes.push(skills);
  if (changes.length === 0) return { messages, changes, original, sent };
  return { messages: [...(sent === '' ? [] : [systemMessage(sent)]), ...rest], changes, original, sent };
}

function writeSystem(text: string, shaping: Shaping, hasTools: boolean): string {
  const critical = criticalLines(hasTools, shaping.antiRefusal);
  const room = shaping.systemLimit - critical.length - 2;
  return `${critical}\n\n${trimText(text.trim(), room, weighParts)}`.trimEnd();
}

function textOf(message: ChatMessage): string {
  return message.role === 'system' ? message.content : '';
}

function mapSystem(message: ChatMessage, map: (text: string) => string): ChatMessage {
  if (message.role !== 'system') return message;
  const content = map(message.content);
  return content === message.content ? message : systemMessage(content);
}

function systemMessage(content: string): ChatMessage {
  return { role: 'system', content };
}

function accessOf(tools: readonly ChatTool[]): SkillAccess {
  const find = (name: RegExp): string | undefined => tools.find((tool) => name.test(tool.function.name))?.function.name;
  return { skillTool: find(/^(skills?|load_?skill|use_?skill)$/i), readTool: find(/^(read|read_?file|view)$/i) };
}

function described(tools: readonly ChatTool[] | undefined): number {
  return (tools ?? []).reduce((chars, tool) => chars + describedChars(tool), 0);
}
