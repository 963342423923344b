import { z } from 'zod';
import { conversationShape, type DemoQuestion, readConversation } from './question.ts';

/** A request to /api/chat (protocol.md 5). No messages stand for loading the model. */
const bodySchema = z.looseObject({
  ...conversationShape,
  messages: conversationShape.messages.default([]),
  stream: z.boolean().nullish(),
  think: z.union([z.boolean(), z.string()]).nullish(),
  format: z.unknown().optional(),
  keep_alive: z.union([z.number(), z.string()]).nullish(),
  truncate: z.boolean().nullish(),
  options: z
    .looseObject({ num_ctx: z.number().int().positive().optional(), num_predict: z.number().int().optional() })
    .nullish(),
});

export interface OllamaQuestion extends DemoQuestion {
  /** True where the client only wants the model in memory, or out of it. */
  loadOnly: boolean;
  unload: boolean;
  /** Tokens that fit; the default of a machine with little memory. */
  contextLength: number;
  truncate: boolean;
}

const smallDefault = 4096;

/**
 * @param canThink whether the model thinks where the client doesn't say
 * @returns the question, or what is wrong with the body
 */
export function readOllamaQuestion(body: unknown, canThink: (model: string) => boolean): OllamaQuestion | string {
  const read = bodySchema.safeParse(body);
  if (!read.success) return body === undefined ? 'invalid character in the body' : z.prettifyError(read.error);
  const { format, keep_alive: keepAlive, messages, model, options, stream, think, tools, truncate } = read.data;
  const most = options?.num_predict ?? -1;
  return {
    ...readConversation(messages, tools),
    model,
    stream: stream ?? true,
    toolChoice: 'auto',
    thinking: canThink(model) && think !== false,
    answerSchema: typeof format === 'object' && format !== null ? format : undefined,
    limit: most > 0 ? most : Infinity,
    loadOnly: messages.length === 0,
    unload: keepAlive === 0 || keepAlive === '0',
    contextLength: options?.num_ctx ?? smallDefault,
    truncate: truncate ?? true,
  };
}
