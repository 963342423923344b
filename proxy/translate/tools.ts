import { isObject } from '../anthropic/blocks.ts';
import type { MessagesRequest, RequestTool } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatTool } from '../openai/chat-request.ts';
import type { DeclaredTool } from '../repair/repair.ts';
import type { ToolNames } from './tool-names.ts';
import { parametersSchema } from './tool-schema.ts';

/** Tools that Anthropic runs or defines itself, by `type` (protocol.md 2); new ones carry a date and no schema. */
const anthropicTools =
  /^(web_search|web_fetch|code_execution|bash|text_editor|computer|memory|tool_search_tool|advisor|mcp|browser)(_|$)/;
const dated = /_\d{8}$/;

export interface TranslatedTools {
  tools: ChatTool[];
  /** By the name that is sent. */
  declared: Map<string, DeclaredTool>;
}

/**
 * Makes the client's tools into functions. `defer_loading` tools are sent like the others: a chat upstream has no
 * search that could load them later.
 * @throws StrelkaError 'unsupported-tool' for one that only Anthropic has, 'invalid-request' for a name declared twice
 */
export function translateTools(
  request: Pick<MessagesRequest, 'tools'>,
  profile: Profile,
  names: ToolNames,
): TranslatedTools {
  const tools: ChatTool[] = [];
  const declared = new Map<string, DeclaredTool>();
  for (const tool of request.tools ?? []) {
    refuseAnthropicTool(tool);
    const name = names.sent(tool.name ?? '');
    if (declared.has(name)) throw new StrelkaError('invalid-request', 'tools: Tool names must be unique.');
    declared.set(name, { name, schema: isObject(tool.input_schema) ? tool.input_schema : { type: 'object' } });
    tools.push(chatToolOf(tool, name, tool.strict === true && profile.strictTools));
  }
  return { tools, declared };
}

/** What was made of a tool. Tools keep their identity over the turns of a conversation (tool-store.ts). */
const made = new WeakMap<RequestTool, ChatTool>();

function chatToolOf(tool: RequestTool, name: string, strict: boolean): ChatTool {
  const known = made.get(tool);
  if (known?.function.name === name && (known.function.strict ?? false) === strict) return known;
  const chatTool: ChatTool = {
    type: 'function',
    function: {
      name,
      ...(tool.description && { description: tool.description }),
      parameters: parametersSchema(tool.input_schema),
      ...(strict && { strict: true }),
    },
  };
  made.set(tool, chatTool);
  return chatTool;
}

function refuseAnthropicTool(tool: RequestTool): void {
  const type = tool.type ?? 'custom';
  const hasSchema = tool.input_schema !== undefined && tool.input_schema !== null;
  const isAnthropicTool = anthropicTools.test(type) ? dated.test(type) || !hasSchema : dated.test(type) && !hasSchema;
  if (!isAnthropicTool && tool.name !== undefined) return;
  const remedy = type.startsWith('web_search')
    ? 'Leave it out of the request; in Claude Code put WebSearch into permissions.deny.'
    : 'Leave it out of the request, or declare a tool of your own with an input_schema.';
  throw new StrelkaError(
    'unsupported-tool',
    `The tool "${tool.name ?? type}" (${type}) exists only at Anthropic and can't be used through Strelka. ${remedy}`,
  );
}
