import { z } from 'zod';
import { findCatalogued } from '../../profile/catalogue.ts';
import { conversationShape, type DemoQuestion, readConversation } from './question.ts';

const flag = z.boolean().nullish();

/** A chat completions request, as loosely as real servers read it (protocol.md 3). */
const bodySchema = z.looseObject({
  ...conversationShape,
  messages: conversationShape.messages.min(1),
  stream: flag,
  stream_options: z.looseObject({ include_usage: flag }).nullish(),
  tool_choice: z
    .union([z.enum(['auto', 'none', 'required']), z.looseObject({ function: z.looseObject({ name: z.string() }) })])
    .nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  response_format: z.looseObject({ json_schema: z.looseObject({ schema: z.unknown() }).optional() }).nullish(),
  chat_template_kwargs: z.looseObject({ enable_thinking: flag, thinking: flag }).nullish(),
  thinking: z.looseObject({ type: z.string() }).nullish(),
  enable_thinking: flag,
  reasoning_effort: z.string().nullish(),
});
type Body = z.infer<typeof bodySchema>;

export interface ChatQuestion extends DemoQuestion {
  includeUsage: boolean;
}

/** @returns the question, or what is wrong with the body, in a sentence */
export function readChatQuestion(body: unknown): ChatQuestion | string {
  const read = bodySchema.safeParse(body);
  if (!read.success) return body === undefined ? 'The body is not JSON.' : z.prettifyError(read.error);
  const { data } = read;
  const choice = data.tool_choice ?? 'auto';
  return {
    ...readConversation(data.messages, data.tools),
    model: data.model,
    stream: data.stream ?? false,
    toolChoice: typeof choice === 'string' ? choice : { name: choice.function.name },
    thinking: thinks(data),
    answerSchema: data.response_format?.json_schema?.schema,
    limit: data.max_completion_tokens ?? data.max_tokens ?? Infinity,
    includeUsage: data.stream_options?.include_usage ?? false,
  };
}

/** Every dialect of the switch is understood; without one, a model that can think does. */
function thinks(body: Body): boolean {
  const { chat_template_kwargs: template, thinking, enable_thinking: enabled, reasoning_effort: effort } = body;
  const asked =
    template?.enable_thinking ??
    template?.thinking ??
    enabled ??
    (thinking ? thinking.type !== 'disabled' : undefined) ??
    (effort ? effort !== 'none' : undefined);
  return asked ?? findCatalogued(body.model)?.reasoning ?? false;
}
