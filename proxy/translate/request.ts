import { isBlock } from '../anthropic/blocks.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatMessage, ChatRequest } from '../openai/chat-request.ts';
import type { DeclaredTool } from '../repair/repair.ts';
import type { DocumentTexts } from './documents.ts';
import { translateHistory } from './history.ts';
import { type OutputLimits, outputLimit } from './output-limit.ts';
import { samplingFields } from './sampling.ts';
import { systemMessageText, systemTexts } from './system.ts';
import { thinkingFields } from './thinking.ts';
import { toolChoice } from './tool-choice.ts';
import { ToolIds } from './tool-ids.ts';
import { ToolNames } from './tool-names.ts';
import { translateTools } from './tools.ts';

export interface TranslateOptions {
  /** The target's model. */
  model: string;
  profile: Profile;
  /** DISABLE_THINKING. */
  thinkingDisabled: boolean;
  limits: OutputLimits;
  /** Tokens of the prompt, estimated. */
  estimatedInputTokens: number;
  documents: DocumentTexts;
}

export interface TranslatedRequest {
  chat: ChatRequest;
  /** Tools by the name that was sent; empty where none are declared or tool_choice is none. */
  tools: ReadonlyMap<string, DeclaredTool>;
  /** The client's own name of a tool, by the name that was sent. */
  clientToolName(sent: string): string;
}

/**
 * A Messages request as a chat completions request for one target (protocol.md 2b, issue 2). Pure: the request is
 * only read, and the same request gives the same bytes, which prefix caches need. What only Anthropic's servers
 * understand (cache_control, context_management, betas, containers ...) is left out.
 * @param request as `parseMessagesRequest` gave it
 * @throws StrelkaError 'unsupported-tool', 'unsupported-content' or 'invalid-request' for what can't be said in chat
 */
export function translateRequest(request: MessagesRequest, options: TranslateOptions): TranslatedRequest {
  const { model, profile, documents } = options;
  const names = new ToolNames(toolNamesOf(request));
  const { tools, declared } = translateTools(request, profile, names);
  const choice = toolChoice(request, profile, new Set(declared.keys()), names);
  const { leading, rest } = splitSystem(request);
  const history = translateHistory(
    rest,
    { model, profile, documents, names, inToolResult: false },
    new ToolIds(profile.toolCallIds),
  );
  if (!history.some((message) => message.role !== 'system'))
    throw new StrelkaError('invalid-request', 'messages: at least one message must have non-empty content');

  const system = [...leading, ...(choice.instruction ? [choice.instruction] : [])].join('\n\n');
  const messages: ChatMessage[] = system === '' ? history : [{ role: 'system', content: system }, ...history];
  const chat: ChatRequest = {
    model,
    messages,
    ...(tools.length > 0 && { tools }),
    ...choice.fields,
    stream: true,
    stream_options: { include_usage: true },
    [profile.maxTokensField]: outputLimit(request.max_tokens, profile, options.limits, options.estimatedInputTokens),
    ...samplingFields(request, profile),
    ...thinkingFields(request, profile, options.thinkingDisabled),
  };
  return {
    chat,
    tools: choice.fields.tool_choice === 'none' ? new Map() : declared,
    clientToolName: (sent) => names.client(sent),
  };
}

/** System messages in front of the conversation belong to the system prompt: chat has one leading message for both. */
function splitSystem(request: MessagesRequest): { leading: string[]; rest: MessagesRequest['messages'] } {
  const isSystem = (role: string): boolean => role === 'system' || role === 'developer';
  const first = request.messages.findIndex((message) => !isSystem(message.role));
  const count = first === -1 ? request.messages.length : first;
  const texts = request.messages.slice(0, count).map((message) => systemMessageText(message.content));
  return {
    leading: [...systemTexts(request.system), ...texts.filter((text) => text !== '')],
    rest: request.messages.slice(count),
  };
}

/** Every tool name of the request, declared or called, so that no shortened name can meet a real one. */
function* toolNamesOf(request: MessagesRequest): Generator<string> {
  for (const tool of request.tools ?? []) if (tool.name !== undefined) yield tool.name;
  for (const { content } of request.messages)
    if (Array.isArray(content)) for (const block of content) if (isBlock(block, 'tool_use')) yield block.name;
}
