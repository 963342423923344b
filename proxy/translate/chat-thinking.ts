import type { Profile } from '../contract/profile.ts';
import type { ChatCompletionsRequest } from '../openai/request.ts';
import { type ThinkingFields, thinkingSwitch } from './thinking.ts';

/** Switches of upstreams' dialects that a client may send itself, beside chat_template_kwargs. */
export const ownSwitches = ['thinking', 'enable_thinking'] as const;

/** OpenAI's efforts as the models with an effort know them (gpt-oss: low, medium, high, and no off). */
const efforts = new Map([
  ['none', 'low'],
  ['minimal', 'low'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);

/**
 * Says how much the model shall think, in its own dialect. Unlike Anthropic's API, chat completions leave it to the
 * model where the client says nothing. What the client says in the upstream's own dialect stays as it is.
 * @param disabled DISABLE_THINKING, or the second try after an answer that was nothing but thinking: off in any case
 */
export function chatThinkingFields(
  request: ChatCompletionsRequest,
  profile: Profile,
  disabled: boolean,
): ThinkingFields {
  const { reasoning_effort: effort, chat_template_kwargs: own } = request;
  if (disabled) {
    const off = thinkingSwitch(profile, false, 'low');
    const { enable_thinking: _, thinking: __, ...others } = own ?? {};
    return withKwargs(off, { ...others, ...off.chat_template_kwargs });
  }
  const said = typeof effort === 'string' && effort !== '';
  const wanted = said ? thinkingSwitch(profile, effort !== 'none', efforts.get(effort) ?? effort) : {};
  const fields = withKwargs(wanted, { ...wanted.chat_template_kwargs, ...own });
  for (const field of ownSwitches) if (isSaid(request[field])) delete fields[field];
  return fields;
}

function withKwargs(fields: ThinkingFields, kwargs: Record<string, unknown>): ThinkingFields {
  return { ...fields, ...(Object.keys(kwargs).length > 0 && { chat_template_kwargs: kwargs }) };
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null;
}
