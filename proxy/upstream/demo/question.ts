import { z } from 'zod';
import { estimateText } from '../../translate/token-text.ts';

/** A tool that the request declares. */
export interface DemoTool {
  name: string;
  parameters: unknown;
}

/** What both simulated servers make of a request before they answer it. */
export interface DemoQuestion {
  model: string;
  stream: boolean;
  /** What the user wrote last, without what the client put around it. */
  userText: string;
  /** What the tools answered, where that is what came last. */
  toolResult: string | undefined;
  tools: DemoTool[];
  /** The client's wish: a name stands for that tool. */
  toolChoice: 'auto' | 'none' | 'required' | { name: string };
  thinking: boolean;
  /** JSON schema that the answer has to fit. */
  answerSchema: unknown;
  /** Where the client's tools work, by its system prompt. */
  folder: string | undefined;
  /** Most words of the answer. */
  limit: number;
  promptTokens: number;
}

const toolSchema = z.looseObject({
  function: z.looseObject({ name: z.string().min(1), parameters: z.unknown().optional() }),
});

/** What the chat completions dialect and Ollama's have in common. */
export const conversationShape = {
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown().optional() })),
  tools: z.array(toolSchema).nullish(),
};

type Messages = z.infer<(typeof conversationShape)['messages']>;
type Tools = z.infer<(typeof conversationShape)['tools']>;

type Conversation = Pick<DemoQuestion, 'userText' | 'toolResult' | 'tools' | 'folder' | 'promptTokens'>;

/** An image is a flat sum: the simulated models don't look at it. */
const tokensPerImage = 1000;

/** Reads what a conversation comes down to, whatever the dialect around it. */
export function readConversation(messages: Messages, tools: Tools): Conversation {
  const system = messages.find(({ role }) => role === 'system');
  let toolResult: string | undefined;
  let userText = '';
  for (const { role, content } of messages.toReversed()) {
    const text = withoutReminders(textOf(content));
    if (role === 'tool') toolResult ??= text;
    else if (role === 'user' && text !== '') userText = text;
    // A tool's answer counts as the last word only where no user spoke behind it.
    if (userText !== '') break;
  }
  return {
    userText,
    toolResult,
    tools: (tools ?? []).map((tool) => ({ name: tool.function.name, parameters: tool.function.parameters })),
    folder: folderIn(textOf(system?.content)),
    promptTokens: Math.ceil(
      messages.reduce((sum, { content }) => sum + 4 + estimateText(textOf(content)) + imagesIn(content), 0) +
        (tools ? estimateText(JSON.stringify(tools)) : 0),
    ),
  };
}

const textPart = z.looseObject({ type: z.literal('text'), text: z.string() });

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .flatMap((part) => {
      const read = textPart.safeParse(part);
      return read.success ? [read.data.text] : [];
    })
    .join('\n');
}

function imagesIn(content: unknown): number {
  if (!Array.isArray(content)) return 0;
  return content.filter((part) => !textPart.safeParse(part).success).length * tokensPerImage;
}

/** Only the end of a long text is looked at: that is where a user's own words stand. */
const longestText = 20_000;

const reminderStart = '<system-reminder>';
const reminderEnd = '</system-reminder>';

/** Claude Code puts its own notes into the user's messages. */
function withoutReminders(text: string): string {
  let kept = '';
  let position = 0;
  for (;;) {
    const start = text.indexOf(reminderStart, position);
    const end = start < 0 ? -1 : text.indexOf(reminderEnd, start);
    if (end < 0) break;
    kept += text.slice(position, start);
    position = end + reminderEnd.length;
  }
  return (kept + text.slice(position)).trim().slice(-longestText);
}

function folderIn(system: string): string | undefined {
  return /(?:working directory|cwd)[^\n:]{0,40}:[ \t]*(\S[^\n]*)/i.exec(system)?.[1]?.trim();
}
