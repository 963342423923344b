import type { ChatRequest } from '../openai/chat-request.ts';

/**
 * Fields without which a request still means nearly the same. No list says which of them cloud.ru's models take
 * (protocol.md 3: "probe at runtime"), so they are sent, and left out once they were refused.
 */
const optionalFields = [
  'stream_options',
  'parallel_tool_calls',
  'chat_template_kwargs',
  'reasoning_effort',
  'enable_thinking',
  'thinking',
  'temperature',
  'top_p',
  'top_k',
  'user',
  'tool_choice',
] as const satisfies readonly (keyof ChatRequest)[];

/** Fields deeper in the request. */
const nestedFields = ['reasoning_content', 'strict'] as const;

type OptionalField = (typeof optionalFields)[number] | (typeof nestedFields)[number];

const refusal =
  /unrecogni[sz]ed|unknown|unsupported|unexpected|not (?:be )?(?:permitted|allowed|supported|recogni[sz]ed)|does not support|extra_forbidden|extra (?:fields|inputs)|invalid (?:parameter|argument|field|property)/i;
const refusalStatuses: ReadonlySet<number> = new Set([400, 422, 500]);
const longestBody = 4_000;

/** What each model of one upstream has refused, for as long as the gateway runs. */
export class RefusedFields {
  readonly #refused = new Map<string, Set<OptionalField>>();

  /** @returns the request without what its model refuses; the same object where that is nothing */
  without(chat: ChatRequest): ChatRequest {
    const refused = this.#refused.get(chat.model);
    if (!refused) return chat;
    const kept: ChatRequest = { ...chat };
    for (const field of optionalFields) if (refused.has(field)) delete kept[field];
    if (refused.has('strict')) kept.tools = kept.tools?.map(withoutStrict);
    if (refused.has('reasoning_content')) kept.messages = kept.messages.map(withoutReasoning);
    return kept;
  }

  /**
   * Reads from a refusal which fields are to blame.
   * @param chat as it was sent
   * @param body of the refusal, parsed where it is JSON
   * @returns true where there is something to leave out, so that the request is worth sending again
   */
  learn(chat: ChatRequest, status: number, body: unknown): boolean {
    if (!refusalStatuses.has(status)) return false;
    const text = (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, longestBody);
    if (!refusal.test(text)) return false;
    const named = fieldsOf(chat).filter((field) => new RegExp(`(?<![a-z_])${field}(?![a-z_])`).test(text));
    if (named.length === 0) return false;
    const refused = this.#refused.get(chat.model) ?? new Set();
    this.#refused.set(chat.model, refused);
    for (const field of named) refused.add(field);
    return true;
  }
}

/** The optional fields that a request does hold. */
function fieldsOf(chat: ChatRequest): OptionalField[] {
  const held: OptionalField[] = optionalFields.filter((field) => chat[field] !== undefined);
  if (chat.tools?.some((tool) => tool.function.strict !== undefined)) held.push('strict');
  if (chat.messages.some((message) => message.role === 'assistant' && message.reasoning_content !== undefined))
    held.push('reasoning_content');
  return held;
}

type Tool = NonNullable<ChatRequest['tools']>[number];

function withoutStrict(tool: Tool): Tool {
  const { strict: _refused, ...rest } = tool.function;
  return { type: 'function', function: rest };
}

function withoutReasoning(message: ChatRequest['messages'][number]): ChatRequest['messages'][number] {
  if (message.role !== 'assistant') return message;
  const { reasoning_content: _refused, ...rest } = message;
  return rest;
}
