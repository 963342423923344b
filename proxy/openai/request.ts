import { z } from 'zod';
import { StrelkaError } from '../errors.ts';
import { isTooDeep, maxNesting } from '../nesting.ts';
import { wordChatIssues } from './wording.ts';

/**
 * A chat completions request as clients send it (protocol.md 3), loosely: unknown fields and kinds of content never fail
 * it. Wrong types of what Strelka reads do, as does what it can't give.
 */
const partSchema = z
  .looseObject({
    type: z.string(),
    text: z.string().optional(),
    refusal: z.string().optional(),
    image_url: z.looseObject({ url: z.string(), detail: z.string().nullish() }).optional(),
    file: z
      .looseObject({
        file_data: z.string().nullish(),
        filename: z.string().nullish(),
        file_id: z.string().nullish(),
      })
      .optional(),
  })
  .check(({ value, issues }) => {
    // A part of these types holds its content in the field of the same name.
    if (!isKnownPart(value.type)) return;
    if (value[value.type] === undefined) issues.push(missing(value.type));
  });

function isKnownPart(type: string): type is 'text' | 'refusal' | 'image_url' | 'file' {
  return type === 'text' || type === 'refusal' || type === 'image_url' || type === 'file';
}

const content = z.union([z.string(), z.array(partSchema)]).nullish();

const namedFunction = z.looseObject({ name: z.string() });
const calledFunction = z.looseObject({ name: z.string(), arguments: z.string().nullish() });

const callSchema = z
  .looseObject({
    id: z.string(),
    type: z.string().nullish(),
    function: calledFunction.optional(),
    custom: z.looseObject({ name: z.string(), input: z.string().nullish() }).optional(),
  })
  .check(({ value, issues }) => {
    if (value.function === undefined && value.custom === undefined) issues.push(missing('function'));
  });

const roles = ['system', 'assistant', 'user', 'function', 'tool', 'developer'] as const;

const messageSchema = z
  .looseObject({
    role: z.enum(roles),
    content,
    name: z.string().nullish(),
    tool_call_id: z.string().nullish(),
    tool_calls: z.array(callSchema).nullish(),
    function_call: calledFunction.nullish(),
    /** Two names of one field; both are in use (failures.md T-1). */
    reasoning_content: z.string().nullish(),
    reasoning: z.string().nullish(),
    refusal: z.string().nullish(),
  })
  .check(({ value, issues }) => {
    if (value.role === 'tool' && typeof value.tool_call_id !== 'string') issues.push(missing('tool_call_id'));
    if (value.role === 'function' && typeof value.name !== 'string') issues.push(missing('name'));
  });

const functionSchema = z.looseObject({
  name: z.string().min(1),
  description: z.string().nullish(),
  parameters: z.unknown().optional(),
  strict: z.boolean().nullish(),
});

const toolSchema = z
  .looseObject({ type: z.string().nullish(), function: functionSchema.nullish() })
  .check(({ value, issues }) => {
    if ((value.type ?? 'function') === 'function' && !value.function) issues.push(missing('function'));
  });

const toolChoiceSchema = z.union([
  z.string(),
  z.looseObject({
    type: z.string(),
    function: namedFunction.optional(),
    allowed_tools: z
      .looseObject({
        mode: z.string().nullish(),
        tools: z.array(z.looseObject({ function: namedFunction.optional() })),
      })
      .optional(),
  }),
]);

const responseFormatSchema = z
  .looseObject({
    type: z.string(),
    json_schema: z
      .looseObject({
        name: z.string(),
        schema: z.record(z.string(), z.unknown()).nullish(),
        strict: z.boolean().nullish(),
      })
      .nullish(),
  })
  .check(({ value, issues }) => {
    if (value.type === 'json_schema' && !value.json_schema) issues.push(missing('json_schema'));
  });

const chatCompletionsRequestSchema = z
  .looseObject({
    model: z.string().min(1),
    messages: z.array(messageSchema).min(1),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    max_tokens: z.int().min(1).nullish(),
    max_completion_tokens: z.int().min(1).nullish(),
    temperature: z.number().nullish(),
    top_p: z.number().nullish(),
    top_k: z.number().nullish(),
    stop: z.union([z.string(), z.array(z.string())]).nullish(),
    n: z.int().nullish(),
    logprobs: z.boolean().nullish(),
    modalities: z.array(z.string()).nullish(),
    tools: z.array(toolSchema).nullish(),
    tool_choice: toolChoiceSchema.nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    functions: z.array(functionSchema).nullish(),
    function_call: z.union([z.string(), namedFunction]).nullish(),
    reasoning_effort: z.string().nullish(),
    response_format: responseFormatSchema.nullish(),
    user: z.string().nullish(),
    chat_template_kwargs: z.record(z.string(), z.unknown()).nullish(),
  })
  .check(({ value: { n, logprobs, modalities }, issues }) => {
    const refuse = (field: string, message: string): void => {
      issues.push({ code: 'custom', path: [field], message, input: field });
    };
    // An answer that silently lacks what was asked for would break the client later and less clearly.
    if (typeof n === 'number' && n !== 1)
      refuse('n', "Invalid 'n': Strelka gives one answer to a request. Leave n out, and ask several times instead.");
    if (logprobs === true)
      refuse('logprobs', "Invalid 'logprobs': Strelka can't give log probabilities. Leave it out.");
    if (modalities?.some((modality) => modality !== 'text'))
      refuse('modalities', "Invalid 'modalities': Strelka gives text only. Leave it out, or ask for ['text'].");
  });

export type ChatCompletionsRequest = z.infer<typeof chatCompletionsRequestSchema>;
export type RequestMessage = ChatCompletionsRequest['messages'][number];
export type RequestPart = z.infer<typeof partSchema>;
export type RequestFunction = z.infer<typeof functionSchema>;

/**
 * Reads the body of POST /v1/chat/completions.
 * @param body the parsed JSON
 * @returns the request with every field that the client sent, known or not
 * @throws StrelkaError 'invalid-request' in OpenAI's words, with the field at fault as `detail.param`:
 *   `Invalid type for 'messages[0].content': expected one of a string or an array, but got an integer instead.`
 */
export function parseChatCompletionsRequest(body: unknown): ChatCompletionsRequest {
  if (isTooDeep(body))
    throw new StrelkaError('invalid-request', `The request body is nested deeper than ${maxNesting} levels.`);
  const outcome = chatCompletionsRequestSchema.safeParse(body, { reportInput: true });
  if (outcome.success) return outcome.data;
  const { param, message } = wordChatIssues(outcome.error.issues);
  throw new StrelkaError('invalid-request', message, param === undefined ? {} : { param });
}

/** @returns the fields that Strelka doesn't read, those left out that say null */
export function unknownFields(request: ChatCompletionsRequest): Record<string, unknown> {
  const { shape } = chatCompletionsRequestSchema;
  return Object.fromEntries(
    Object.entries(request).filter(([field, value]) => !Object.hasOwn(shape, field) && value !== null),
  );
}

/** What zod itself says of an absent field. */
function missing(field: string): z.core.$ZodRawIssue {
  return { code: 'invalid_type', expected: 'string', path: [field], input: undefined };
}
