import type { ChatRequest } from '../openai/chat-request.ts';
import type { ShownModel } from './ollama-client.ts';

/** Ollama's `think`: gpt-oss takes levels and has no off, every other model takes yes or no (protocol.md 5). */
export type Think = boolean | 'low' | 'medium' | 'high';

const levels: Readonly<Record<string, 'low' | 'medium' | 'high'>> = {
  none: 'low',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'high',
  max: 'high',
};

/**
 * Says in Ollama's words how much to think, whichever switch the request was written with (profile.ts, `thinking`).
 * @returns undefined where nothing is to be said: the model can't think, or the request leaves it to the model
 */
export function thinkOf(chat: ChatRequest, model: ShownModel): Think | undefined {
  if (model.capabilities && !model.capabilities.has('thinking')) return undefined;
  const effort = chat.reasoning_effort;
  const asked = readSwitch(chat);
  if (/gpt-?oss/i.test(`${model.family} ${chat.model}`)) {
    if (asked === false) return 'low';
    return effort === undefined ? (asked ? 'medium' : undefined) : (levels[effort] ?? 'medium');
  }
  return asked ?? (effort === undefined ? undefined : effort !== 'none');
}

function readSwitch(chat: ChatRequest): boolean | undefined {
  const template = chat.chat_template_kwargs;
  for (const value of [template?.enable_thinking, template?.thinking, chat.enable_thinking])
    if (typeof value === 'boolean') return value;
  return chat.thinking && chat.thinking.type !== 'disabled';
}
