import type { MessagesRequest } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import type { ToolNames } from './tool-names.ts';

export interface ToolChoiceOutcome {
  fields: Pick<ChatRequest, 'tool_choice' | 'parallel_tool_calls'>;
  /** A sentence for the system prompt, where the upstream can't be made to call a tool. */
  instruction?: string;
}

/**
 * Maps `tool_choice` (protocol.md 2b). A choice of an unknown type counts as auto.
 * @param sentTools names of the declared tools, as sent
 * @throws StrelkaError 'invalid-request' where a call is demanded of a tool that is not declared
 */
export function toolChoice(
  request: MessagesRequest,
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
  if (!choice || sentTools.size === 0) return { fields: {} };

  const parallel = choice.disable_parallel_tool_use === true && profile.parallelToolCalls;
  const fields = (chosen: ChatRequest['tool_choice']): ToolChoiceOutcome['fields'] => ({
    tool_choice: chosen,
    ...(parallel && { parallel_tool_calls: false }),
  });
  if (choice.type === 'none') return { fields: { tool_choice: 'none' } };
  if (named !== undefined) {
    const name = names.sent(named);
    if (profile.forcedToolChoice) return { fields: fields({ type: 'function', function: { name } }) };
    return { fields: fields('auto'), instruction: `Your next answer must call the tool ${name}.` };
  }
  if (choice.type === 'any') {
    if (profile.forcedToolChoice) return { fields: fields('required') };
    return { fields: fields('auto'), instruction: 'Your next answer must call one of the tools.' };
  }
  return { fields: fields('auto') };
}
