import { type ChatCompletionsRequest, parseChatCompletionsRequest } from '../../../proxy/openai/request.ts';
import { conversationOf } from '../../../proxy/translate/chat-conversation.ts';
import { translateChatRequest } from '../../../proxy/translate/chat-request.ts';
import type { TranslatedRequest } from '../../../proxy/translate/request.ts';
import { type SampleOptions, sampleOptions } from './request-sample.ts';

/** @returns a parsed request: the given fields beside a model and one message */
export function chatSample(fields: Record<string, unknown> = {}): ChatCompletionsRequest {
  return parseChatCompletionsRequest({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }], ...fields });
}

/** Parses and translates in one step, as an exchange does. */
export function translateChatSample(
  fields: Record<string, unknown> = {},
  options: SampleOptions = {},
): TranslatedRequest {
  const request = chatSample(fields);
  return translateChatRequest(request, conversationOf(request), sampleOptions(options));
}

/** @returns the translated messages of a conversation */
export function translateChatMessages(
  messages: unknown[],
  options: SampleOptions = {},
): TranslatedRequest['chat']['messages'] {
  return translateChatSample({ messages }, options).chat.messages;
}

/** @returns a function tool as clients declare it */
export function functionTool(name: string): Record<string, unknown> {
  return { type: 'function', function: { name, parameters: { type: 'object', properties: {} } } };
}

/** @returns an assistant's call as clients send it back */
export function toolCall(id: string, name: string, argumentsText = '{}'): Record<string, unknown> {
  return { id, type: 'function', function: { name, arguments: argumentsText } };
}
