import type { MessageEvent } from './events.ts';

/**
 * Writes events as Server-Sent Events. Each record carries `event:` and `data:`: the SDK drops nameless ones
 * (protocol.md 1.9, rule 1).
 * @returns one string for all events, to go out in one write
 */
export function formatEvents(events: readonly MessageEvent[]): string {
  let text = '';
  for (const event of events) text += `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  return text;
}
