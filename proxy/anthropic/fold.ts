import type { ContentBlock, Message, MessageEvent } from './events.ts';

/**
 * Folds the events of a stream into the message that a client gets which did not ask for one. The same events serve
 * both, so that both answers are always alike.
 * @param events a whole stream, from message_start to message_stop
 */
export function foldEvents(events: readonly MessageEvent[]): Message {
  const start = events.find((event) => event.type === 'message_start');
  if (start === undefined) throw new Error('a stream without message_start can not be folded');
  const message: Message = { ...start.message, content: [] };
  let json = '';
  for (const event of events) {
    const block = message.content.at(-1);
    if (event.type === 'content_block_start') {
      message.content.push({ ...event.content_block });
      json = '';
    } else if (event.type === 'content_block_delta') {
      if (event.delta.type === 'input_json_delta') json += event.delta.partial_json;
      else if (block) addDelta(block, event.delta);
    } else if (event.type === 'content_block_stop') {
      if (block?.type === 'tool_use' && json !== '') block.input = JSON.parse(json);
    } else if (event.type === 'message_delta') {
      message.stop_reason = event.delta.stop_reason;
      message.stop_sequence = event.delta.stop_sequence;
      message.usage = event.usage;
    }
  }
  return message;
}

type TextualDelta = Exclude<
  Extract<MessageEvent, { type: 'content_block_delta' }>['delta'],
  { type: 'input_json_delta' }
>;

function addDelta(block: ContentBlock, delta: TextualDelta): void {
  if (delta.type === 'text_delta' && block.type === 'text') block.text += delta.text;
  if (delta.type === 'thinking_delta' && block.type === 'thinking') block.thinking += delta.thinking;
  if (delta.type === 'signature_delta' && block.type === 'thinking') block.signature += delta.signature;
}
