import { z } from 'zod';
import { StrelkaError } from '../errors.ts';
import { isTooDeep, maxNesting } from '../nesting.ts';
import { blockSchemas, type ContentBlock, isContentBlock, isObject, sourceSchemas } from './blocks.ts';
import { wordIssue, wordIssues } from './wording.ts';

/**
 * A Messages request (protocol.md 1.6 and 2), loosely: unknown fields, block types, roles and betas never fail it,
 * because a 400 on one of those reaches the user (protocol.md 1.6). Wrong types of what Strelka reads do.
 */
const knownBlocks = new Map<string, z.ZodType>(Object.entries(blockSchemas));
const knownSources = new Map<string, z.ZodType>(Object.entries(sourceSchemas));

/** What stands inside a block: the source of a file, and the blocks of a result. Two levels, never deeper. */
function innerBlocks(block: ContentBlock): { path: (string | number)[]; block: ContentBlock }[] {
  const content = Array.isArray(block.content) ? block.content : [];
  return content.flatMap((inner, index) => (isContentBlock(inner) ? [{ path: ['content', index], block: inner }] : []));
}

type Report = (path: (string | number)[], message: string) => void;

function checkBlock(block: ContentBlock, at: (string | number)[], report: Report, depth: number): void {
  const check = (schema: z.ZodType | undefined, value: unknown, path: (string | number)[]): boolean => {
    const outcome = schema?.safeParse(value, { error: wordIssue });
    if (!outcome || outcome.success) return true;
    const { path: inner, message } = wordIssues(outcome.error.issues);
    report([...path, ...inner], message);
    return false;
  };
  if (!check(knownBlocks.get(block.type), block, at)) return;
  if ((block.type === 'image' || block.type === 'document') && isContentBlock(block.source)) {
    check(knownSources.get(block.source.type), block.source, [...at, 'source']);
    if (depth > 0)
      for (const inner of innerBlocks(block.source))
        checkBlock(inner.block, [...at, 'source', ...inner.path], report, depth - 1);
  }
  if ((block.type === 'tool_result' || block.type === 'search_result') && depth > 0)
    for (const inner of innerBlocks(block)) checkBlock(inner.block, [...at, ...inner.path], report, depth - 1);
}

const nesting = 2;

const contentBlock = z.looseObject({ type: z.string() }).superRefine((block, context) => {
  const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message });
  checkBlock(block, [], report, nesting);
});

const content = z.union([z.string(), z.array(contentBlock)]);

const toolSchema = z
  .looseObject({
    name: z.string().min(1).optional(),
    type: z.string().nullish(),
    description: z.string().nullish(),
    input_schema: z.unknown().optional(),
    strict: z.boolean().nullish(),
  })
  .superRefine((tool, context) => {
    if (tool.name === undefined && (tool.type ?? 'custom') === 'custom')
      context.addIssue({ code: 'custom', path: ['name'], message: 'Field required' });
  });

const toolChoiceSchema = z
  .looseObject({
    type: z.string(),
    name: z.string().optional(),
    disable_parallel_tool_use: z.boolean().nullish(),
  })
  .superRefine((choice, context) => {
    if (choice.type === 'tool' && choice.name === undefined)
      context.addIssue({ code: 'custom', path: ['name'], message: 'Field required' });
  });

const formatSchema = z
  .looseObject({ type: z.string(), schema: z.unknown().optional() })
  .superRefine((format, context) => {
    if (format.type === 'json_schema' && !isObject(format.schema))
      context.addIssue({
        code: 'custom',
        path: ['schema'],
        message: format.schema === undefined ? 'Field required' : 'Input should be an object',
      });
  });

const messagesRequestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(z.looseObject({ role: z.string(), content }))
    .min(1, { error: 'at least one message is required', abort: true }),
  max_tokens: z.int().min(0),
  system: content.nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: toolChoiceSchema.nullish(),
  stop_sequences: z.array(z.string()).nullish(),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  top_k: z.number().nullish(),
  metadata: z.looseObject({ user_id: z.string().nullish() }).nullish(),
  thinking: z.looseObject({ type: z.string(), budget_tokens: z.number().nullish() }).nullish(),
  output_config: z.looseObject({ effort: z.string().nullish(), format: formatSchema.nullish() }).nullish(),
  output_format: formatSchema.nullish(),
});

export type MessagesRequest = z.infer<typeof messagesRequestSchema>;
export type RequestTool = z.infer<typeof toolSchema>;

/**
 * Reads the body of POST /v1/messages.
 * @param body the parsed JSON
 * @returns the request with every field that the client sent, known or not
 * @throws StrelkaError 'invalid-request' that names the field, in Anthropic's words:
 *   `messages.0.content: Input should be a valid string or list`
 */
export function parseMessagesRequest(body: unknown): MessagesRequest {
  return parse(messagesRequestSchema, body);
}

/** The body of POST /v1/messages/count_tokens: the same without the fields that only an answer needs (protocol.md 2). */
const countTokensRequestSchema = messagesRequestSchema.extend({ max_tokens: z.int().min(0).optional() });
export type CountTokensRequest = z.infer<typeof countTokensRequestSchema>;

/**
 * Reads the body of POST /v1/messages/count_tokens, where `max_tokens` may be absent.
 * @throws StrelkaError 'invalid-request' as `parseMessagesRequest` does
 */
export function parseCountTokensRequest(body: unknown): CountTokensRequest {
  return parse(countTokensRequestSchema, body);
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  if (isTooDeep(body))
    throw new StrelkaError('invalid-request', `request body: Input is nested deeper than ${maxNesting} levels`);
  const outcome = schema.safeParse(body, { error: wordIssue });
  if (outcome.success) return outcome.data;
  const { path, message } = wordIssues(outcome.error.issues);
  throw new StrelkaError('invalid-request', `${path.length > 0 ? path.join('.') : 'request body'}: ${message}`);
}
