import type { MessagesRequest } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import type { ChatRequest } from '../openai/chat-request.ts';

export type ThinkingFields = Pick<
  ChatRequest,
  'chat_template_kwargs' | 'thinking' | 'enable_thinking' | 'reasoning_effort'
>;

/** Thinking budgets, in tokens, up to which gpt-oss' lower efforts serve. */
const lowBudget = 4_096;
const mediumBudget = 16_384;

const efforts = new Map([
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['xhigh', 'high'],
  ['max', 'high'],
]);

/**
 * Says how much the model shall think, in its own dialect (profile.ts, `thinking`).
 * Anthropic's API does not think unless asked to, while GLM and Qwen think unless asked not to; so an absent
 * `thinking` switches it off wherever there is a switch.
 * @param disabled DISABLE_THINKING: off, whatever the client asks for
 */
export function thinkingFields(request: MessagesRequest, profile: Profile, disabled: boolean): ThinkingFields {
  const type = disabled ? 'disabled' : (request.thinking?.type ?? 'absent');
  const on = type !== 'disabled' && type !== 'absent';
  return thinkingSwitch(profile, on, type === 'disabled' ? 'low' : reasoningEffort(request, on));
}

/**
 * @param effort for models that have efforts and no switch
 * @returns the fields that switch the model's thinking, none where it has no switch
 */
export function thinkingSwitch({ thinking }: Pick<Profile, 'thinking'>, on: boolean, effort: string): ThinkingFields {
  switch (thinking) {
    case 'none':
      return {};
    case 'enable-thinking-kwarg':
      return { chat_template_kwargs: { enable_thinking: on } };
    case 'thinking-kwarg':
      return { chat_template_kwargs: { thinking: on } };
    case 'thinking-type':
      return { thinking: { type: on ? 'enabled' : 'disabled' } };
    case 'enable-thinking-field':
      return { enable_thinking: on };
    case 'reasoning-effort':
      return { reasoning_effort: effort };
  }
}

/** gpt-oss can't stop thinking: low is the nearest to off. A stated effort wins over a budget, which is the older way. */
function reasoningEffort(request: MessagesRequest, on: boolean): string {
  const effort = efforts.get(request.output_config?.effort ?? '');
  if (effort) return effort;
  if (!on) return 'low';
  const budget = request.thinking?.budget_tokens;
  if (budget === undefined || budget === null) return 'medium';
  if (budget <= lowBudget) return 'low';
  return budget <= mediumBudget ? 'medium' : 'high';
}
