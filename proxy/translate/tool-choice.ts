import type { MessagesRequest } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import type { ToolNames } from './tool-names.ts';

export interface ToolChoiceOutcome {
  fields: Pick<ChatRequest, 'tool_choice' | 'parallel_tool_calls'>;
  /** A sentence for the system prompt, where the upstream can't be made to call a tool. */
  instruction?: string;
  /** The client takes one call an answer; upstreams without the field, and models that ignore it, may make more. */
  oneCallOnly: boolean;
}

/**
 * Maps `tool_choice` (protocol.md 2b). A choice of an unknown type counts as auto.
 * @param sentTools names of the declared tools, as sent
 * @throws StrelkaError 'invalid-request' where a call is demanded of a tool that is not declared
 */
export function toolChoice(
  request: Pick<MessagesRequest, 'tool_choice'>,
  profile: Profile,
  sentTools: ReadonlySet<string>,
  names: ToolNames,
): ToolChoiceOutcome {
  const choice = request.tool_choice;
  if (choice?.type === 'any' && sentTools.size === 0)
    throw new StrelkaError('invalid-request', 'tool_choice.any: may only be specified while providing tools');
  const named = choice?.type === 'tool' ? (choice.name ?? '') : undefined;
  if (named !== undefined && !sentTools.has(names.sent(named)))
    throw new StrelkaError('invalid-request', `tool_choice.name: Tool '${named}' not found in provided tools`);
  if (!choice || sentTools.size === 0) return { fields: {}, oneCallOnly: false };

  const oneCallOnly = choice.disable_parallel_tool_use === true;
  const fields = (chosen: ChatRequest['tool_choice']): ToolChoiceOutcome['fields'] => ({
    tool_choice: chosen,
    ...(oneCallOnly && profile.parallelToolCalls && { parallel_tool_calls: false }),
  });
  if (choice.type === 'none') return { fields: { tool_choice: 'none' }, oneCallOnly: false };
  if (named !== undefined) {
    const name = names.sent(named);
    if (profile.forcedToolChoice) return { fields: fields({ type: 'function', function: { name } }), oneCallOnly };
    return { fields: fields('auto'), instruction: `Your next answer must call the tool ${name}.`, oneCallOnly };
  }
  if (choice.type === 'any') {
    if (profile.forcedToolChoice) return { fields: fields('required'), oneCallOnly };
    return { fields: fields('auto'), instruction: 'Your next answer must call one of the tools.', oneCallOnly };
  }
  return { fields: fields('auto'), oneCallOnly };
}
