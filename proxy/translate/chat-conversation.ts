import type { ContentBlock } from '../anthropic/blocks.ts';
import { readContent } from '../openai/chunk.ts';
import type { ChatCompletionsRequest, RequestMessage } from '../openai/request.ts';
import { contentBlocks, textBlock, textBlocks } from './chat-content.ts';
import { toolsOf } from './chat-tools.ts';
import type { Conversation } from './conversation.ts';
import { readArguments } from './json-text.ts';

/**
 * A chat completions request's conversation in the words that both doors share, so that one code makes it legal, maps
 * its ids and names and counts its tokens. Made once for an exchange; nothing in it depends on the target.
 * @throws StrelkaError 'unsupported-tool', 'unsupported-content', 'invalid-request'
 */
export function conversationOf(request: ChatCompletionsRequest): Conversation {
  const functionCalls = new Map<string, string>();
  const messages = request.messages.map((message, index) => readMessage(message, index, functionCalls));
  return { messages, ...toolsOf(request) };
}

/** @param functionCalls ids of deprecated function calls that wait for their result, by name: they bring none */
function readMessage(
  message: RequestMessage,
  index: number,
  functionCalls: Map<string, string>,
): Conversation['messages'][number] {
  const param = `messages[${index}].content`;
  switch (message.role) {
    case 'system':
    case 'developer':
      return { role: 'system', content: textBlocks(message.content) };
    case 'user':
      return { role: 'user', content: contentBlocks(message.content, param) };
    case 'assistant':
      return { role: 'assistant', content: assistantBlocks(message, index, functionCalls) };
    case 'tool':
      return resultMessage(message.tool_call_id ?? '', contentBlocks(message.content, param));
    case 'function': {
      const name = message.name ?? '';
      const id = functionCalls.get(name) ?? name;
      functionCalls.delete(name);
      return resultMessage(id, contentBlocks(message.content, param));
    }
  }
}

function resultMessage(id: string, content: ContentBlock[]): Conversation['messages'][number] {
  return { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] };
}

function assistantBlocks(message: RequestMessage, index: number, functionCalls: Map<string, string>): ContentBlock[] {
  const blocks: ContentBlock[] = [];
  const thinking = message.reasoning_content || message.reasoning || thinkingParts(message.content);
  if (thinking) blocks.push({ type: 'thinking', thinking });
  blocks.push(...textBlocks(message.content));
  if (message.refusal) blocks.push(textBlock(message.refusal));
  for (const { id, function: called, custom } of message.tool_calls ?? []) {
    if (called) blocks.push(callBlock(id, called.name, readArguments(called.arguments ?? '')));
    else if (custom) blocks.push(callBlock(id, custom.name, { input: custom.input ?? '' }));
  }
  const called = message.function_call;
  if (called) {
    const id = `function_call_${index}`;
    functionCalls.set(called.name, id);
    blocks.push(callBlock(id, called.name, readArguments(called.arguments ?? '')));
  }
  return blocks;
}

/** Mistral's clients keep thinking among the parts of the content. */
function thinkingParts(content: RequestMessage['content']): string {
  return Array.isArray(content) ? readContent(content).reasoning : '';
}

function callBlock(id: string, name: string, input: unknown): ContentBlock {
  return { type: 'tool_use', id, name, input };
}
