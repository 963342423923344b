import type { Profile } from '../contract/profile.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import { type ChatCompletionsRequest, unknownFields } from '../openai/request.ts';
import { chatThinkingFields, ownSwitches } from './chat-thinking.ts';
import { type Conversation, translateConversation } from './conversation.ts';
import { outputLimit } from './output-limit.ts';
import type { TranslatedRequest, TranslateOptions } from './request.ts';
import { stops } from './sampling.ts';
import { portableSchema } from './tool-schema.ts';

/**
 * A client's chat completions request as one for a target: another model, its conversation made legal, its limits and
 * switches as the model's profile wants them. Fields that Strelka doesn't know go along as they are; null says nothing.
 * @param conversation the request's own, by `conversationOf`
 * @throws StrelkaError 'unsupported-content' or 'invalid-request' for what the model can't be given
 */
export function translateChatRequest(
  request: ChatCompletionsRequest,
  conversation: Conversation,
  options: TranslateOptions,
): TranslatedRequest {
  const { model, profile, thinkingDisabled } = options;
  const { fields, ...rest } = translateConversation(conversation, options);
  if (fields.messages.length === 0)
    throw new StrelkaError('invalid-request', "Invalid 'messages': all of them are empty. Send at least one text.", {
      param: 'messages',
    });
  const parallel = request.parallel_tool_calls === true && fields.tools !== undefined && profile.parallelToolCalls;
  const chat: ChatRequest = {
    model,
    ...fields,
    ...(parallel && { parallel_tool_calls: true }),
    stream: true,
    stream_options: { include_usage: true },
    ...limitField(request, options),
    ...samplingFields(request, profile),
    ...chatThinkingFields(request, profile, thinkingDisabled),
    extra: extraFields(request, thinkingDisabled),
  };
  return { chat, ...rest };
}

/** @returns the stop sequences of a request, as they are sent */
export function stopSequencesOf({ stop }: ChatCompletionsRequest): string[] {
  return stops(typeof stop === 'string' ? [stop] : (stop ?? []));
}

/** A client that names no limit leaves it to the upstream, unless MAX_TOKENS_LIMIT does. */
function limitField(request: ChatCompletionsRequest, options: TranslateOptions): Partial<ChatRequest> {
  const { profile, limits, estimatedInputTokens } = options;
  const asked = request.max_completion_tokens ?? request.max_tokens ?? limits.maxTokens;
  if (asked === null) return {};
  return { [profile.maxTokensField]: outputLimit(asked, profile, limits, estimatedInputTokens) };
}

function samplingFields(request: ChatCompletionsRequest, profile: Profile): Partial<ChatRequest> {
  const temperature = request.temperature ?? profile.temperature;
  const topP = request.top_p ?? profile.topP;
  const stop = stopSequencesOf(request);
  const format = responseFormat(request.response_format);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(profile.topK && typeof request.top_k === 'number' && { top_k: request.top_k }),
    ...(stop.length > 0 && { stop }),
    ...(typeof request.user === 'string' && { user: request.user }),
    ...(format && { response_format: format }),
  };
}

function responseFormat(format: ChatCompletionsRequest['response_format']): ChatRequest['response_format'] {
  if (!format) return undefined;
  const { json_schema } = format;
  if (format.type !== 'json_schema' || !json_schema) return format;
  const { schema, strict, ...rest } = json_schema;
  return {
    type: 'json_schema',
    json_schema: {
      ...rest,
      ...(schema && { schema: portableSchema(schema) }),
      ...(typeof strict === 'boolean' && { strict }),
    },
  };
}

/** With thinking off in any case, the client's own switches would only contradict the one that is sent. */
function extraFields(request: ChatCompletionsRequest, thinkingDisabled: boolean): Record<string, unknown> {
  const extra = unknownFields(request);
  if (thinkingDisabled) for (const field of ownSwitches) delete extra[field];
  return extra;
}
