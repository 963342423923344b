import { isObject } from '../anthropic/blocks.ts';
import type { MessagesRequest } from '../anthropic/request.ts';

/**
 * What the user and the tools wrote, as one text: a tool call that stands there verbatim is a quotation when the model
 * repeats it (failures.md 2, negatives). Made only when a call was found in text, because it may be megabytes.
 */
export function quotableText(request: Pick<MessagesRequest, 'messages'>): string {
  const texts: string[] = [];
  for (const message of request.messages) if (message.role === 'user') collect(message.content, texts);
  return texts.join('\n');
}

function collect(content: unknown, texts: string[]): void {
  if (typeof content === 'string') texts.push(content);
  else if (Array.isArray(content)) for (const block of content) collect(block, texts);
  else if (isObject(content)) {
    collect(content.text, texts);
    collect(content.content, texts);
  }
}
