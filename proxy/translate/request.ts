import type { MessagesRequest } from '../anthropic/request.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import { type ConversationOptions, type TranslatedConversation, translateConversation } from './conversation.ts';
import { type OutputLimits, outputLimit } from './output-limit.ts';
import { samplingFields } from './sampling.ts';
import { thinkingFields } from './thinking.ts';

export interface TranslateOptions extends ConversationOptions {
  /** DISABLE_THINKING. */
  thinkingDisabled: boolean;
  limits: OutputLimits;
  /** Tokens of the prompt, estimated. */
  estimatedInputTokens: number;
}

export interface TranslatedRequest extends Pick<TranslatedConversation, 'tools' | 'clientToolName' | 'oneCallOnly'> {
  chat: ChatRequest;
}

/**
 * A Messages request as a chat completions request for one target (protocol.md 2b, issue 2). Pure: the request is
 * only read, and the same request gives the same bytes, which prefix caches need. What only Anthropic's servers
 * understand (cache_control, context_management, betas, containers ...) is left out.
 * @param request as `parseMessagesRequest` gave it
 * @throws StrelkaError 'unsupported-tool', 'unsupported-content' or 'invalid-request' for what can't be said in chat
 */
export function translateRequest(request: MessagesRequest, options: TranslateOptions): TranslatedRequest {
  const { model, profile } = options;
  const { fields, ...rest } = translateConversation(request, options);
  if (!fields.messages.some((message) => message.role !== 'system'))
    throw new StrelkaError('invalid-request', 'messages: at least one message must have non-empty content');
  const chat: ChatRequest = {
    model,
    ...fields,
    stream: true,
    stream_options: { include_usage: true },
    [profile.maxTokensField]: outputLimit(request.max_tokens, profile, options.limits, options.estimatedInputTokens),
    ...samplingFields(request, profile),
    ...thinkingFields(request, profile, options.thinkingDisabled),
  };
  return { chat, ...rest };
}
