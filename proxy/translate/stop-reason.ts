import type { StopReason } from '../anthropic/events.ts';
import type { FinishPart } from '../part.ts';

/**
 * The honest stop reason (protocol.md 2b, failures.md 4): tool_use only where a tool_use block was sent, and always then
 * unless the answer ran out of tokens. `context-window` is told as max_tokens, which every client version knows
 * (opencode#18813: an unknown reason makes an endless loop).
 * @param toolUses how many tool_use blocks the message holds
 */
export function stopReasonOf(finish: FinishPart, toolUses: number): StopReason {
  if (finish.reason === 'length' || finish.reason === 'context-window') return 'max_tokens';
  if (finish.reason === 'content-filter') return 'refusal';
  if (toolUses > 0) return 'tool_use';
  return finish.stopSequence === undefined ? 'end_turn' : 'stop_sequence';
}
