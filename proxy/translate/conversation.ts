import { isBlock } from '../anthropic/blocks.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import type { ChatMessage, ChatRequest } from '../openai/chat-request.ts';
import type { DeclaredTool } from '../repair/repair.ts';
import type { DocumentTexts } from './documents.ts';
import { translateHistory } from './history.ts';
import { systemMessageText, systemTexts } from './system.ts';
import { toolChoice } from './tool-choice.ts';
import { ToolIds } from './tool-ids.ts';
import { ToolNames } from './tool-names.ts';
import { translateTools } from './tools.ts';

/** What both front doors ask in the same words: who said what, and which tools there are. */
export type Conversation = Pick<MessagesRequest, 'messages' | 'system' | 'tools' | 'tool_choice'>;

export interface ConversationOptions {
  /** The target's model. */
  model: string;
  profile: Profile;
  documents: DocumentTexts;
}

export interface TranslatedConversation {
  fields: Pick<ChatRequest, 'messages' | 'tools' | 'tool_choice' | 'parallel_tool_calls'>;
  /** Tools by the name that was sent; empty where none are declared or tool_choice is none. */
  tools: ReadonlyMap<string, DeclaredTool>;
  /** The client's own name of a tool, by the name that was sent. */
  clientToolName(sent: string): string;
  /** The client takes one tool call an answer. */
  oneCallOnly: boolean;
}

/**
 * A conversation as chat completions take it, for one target: one system message in front, a legal history, tools and
 * their choice. Pure: the same conversation gives the same bytes, which prefix caches need.
 * @throws StrelkaError 'unsupported-tool', 'unsupported-content' or 'invalid-request' for what can't be said in chat
 */
export function translateConversation(
  conversation: Conversation,
  { model, profile, documents }: ConversationOptions,
): TranslatedConversation {
  const names = new ToolNames(toolNamesOf(conversation));
  const { tools, declared } = translateTools(conversation, profile, names);
  const choice = toolChoice(conversation, profile, new Set(declared.keys()), names);
  const { leading, rest } = splitSystem(conversation);
  const history = translateHistory(
    rest,
    { model, profile, documents, names, inToolResult: false },
    new ToolIds(profile.toolCallIds),
  );
  const system = [...leading, ...(choice.instruction ? [choice.instruction] : [])].join('\n\n');
  const messages: ChatMessage[] = system === '' ? history : [{ role: 'system', content: system }, ...history];
  return {
    fields: { messages, ...(tools.length > 0 && { tools }), ...choice.fields },
    tools: choice.fields.tool_choice === 'none' ? new Map() : declared,
    clientToolName: (sent) => names.client(sent),
    oneCallOnly: choice.oneCallOnly,
  };
}

/** System messages in front of the conversation belong to the system prompt: chat has one leading message for both. */
function splitSystem({ system, messages }: Conversation): { leading: string[]; rest: Conversation['messages'] } {
  const isSystem = (role: string): boolean => role === 'system' || role === 'developer';
  const first = messages.findIndex((message) => !isSystem(message.role));
  const count = first === -1 ? messages.length : first;
  const texts = messages.slice(0, count).map((message) => systemMessageText(message.content));
  return {
    leading: [...systemTexts(system), ...texts.filter((text) => text !== '')],
    rest: messages.slice(count),
  };
}

/** Every tool name of the request, declared or called, so that no shortened name can meet a real one. */
function* toolNamesOf({ tools, messages }: Conversation): Generator<string> {
  for (const tool of tools ?? []) if (tool.name !== undefined) yield tool.name;
  for (const { content } of messages)
    if (Array.isArray(content)) for (const block of content) if (isBlock(block, 'tool_use')) yield block.name;
}
