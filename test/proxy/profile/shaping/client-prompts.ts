import { readFile } from 'node:fs/promises';
import { parseMessagesRequest } from '../../../../proxy/anthropic/request.ts';
import type { ChatRequest } from '../../../../proxy/openai/chat-request.ts';
import { parseChatCompletionsRequest } from '../../../../proxy/openai/request.ts';
import { conversationOf } from '../../../../proxy/translate/chat-conversation.ts';
import { translateChatRequest } from '../../../../proxy/translate/chat-request.ts';
import { translateRequest } from '../../../../proxy/translate/request.ts';
import { sampleOptions } from '../../translate/request-sample.ts';

/** What real clients send with tools (test/fixtures/clients). */
export const clientPrompts = [
  'claude-code-first-turn-messages',
  'opencode-last-turn-messages',
  'opencode-last-turn-chat',
  'openclaw-last-turn-chat',
] as const;

/** @returns a client's request as it would go to an upstream, before it is shaped */
export async function clientPrompt(name: string): Promise<ChatRequest> {
  const file = new URL(`../../../fixtures/clients/${name}.json`, import.meta.url);
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  const body = typeof parsed === 'object' && parsed !== null && 'body' in parsed ? parsed.body : undefined;
  const request: unknown = typeof body === 'string' ? JSON.parse(body) : body;
  if (name.endsWith('-messages')) return translateRequest(parseMessagesRequest(request), sampleOptions()).chat;
  const chat = parseChatCompletionsRequest(request);
  return translateChatRequest(chat, conversationOf(chat), sampleOptions()).chat;
}

/** @returns the leading system prompt */
export function systemOf({ messages }: ChatRequest): string {
  const [first] = messages;
  return first?.role === 'system' ? first.content : '';
}
