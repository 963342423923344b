import { type ContentBlock, isBlock } from '../anthropic/blocks.ts';

/**
 * @returns true where the conversation's last message is no tool result: the user, not the agent's loop, speaks
 */
export function beginsTurn(messages: readonly { role: string; content: string | ContentBlock[] }[]): boolean {
  const last = messages.findLast((message) => message.role !== 'system');
  if (!last || typeof last.content === 'string') return true;
  return !last.content.some((block) => isBlock(block, 'tool_result'));
}
