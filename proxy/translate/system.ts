import { type ContentBlock, isBlock } from '../anthropic/blocks.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import { plainText } from './plain-text.ts';

/**
 * Claude Code's first system block names its version and a fingerprint (protocol.md 1.6). It says nothing to the model
 * and differs between conversations, so it would defeat the upstream's prefix cache.
 */
const attribution = /^\s*x-anthropic-billing-header[^\n]*\n?/;

/** @returns the text without a leading attribution line, '' when it was nothing else */
function withoutAttribution(text: string): string {
  const rest = text.replace(attribution, '');
  return rest === text ? text : rest.trimStart();
}

/**
 * @param system the request's system prompt, a string or blocks
 * @returns its texts in order, the attribution left out, empty ones dropped
 */
export function systemTexts(system: MessagesRequest['system']): string[] {
  const texts = typeof system === 'string' ? [system] : blockTexts(system ?? []);
  return texts.map(withoutAttribution).filter((text) => text.trim() !== '');
}

/** @returns the text of a `role: "system"` message's content */
export function systemMessageText(content: string | ContentBlock[]): string {
  return systemTexts(content).join('\n\n');
}

/** A system message for a chat template that allows only a leading one: Claude Code's own form of such a remark. */
export function asReminder(text: string): string {
  return `<system-reminder>\n${text}\n</system-reminder>`;
}

function blockTexts(blocks: readonly ContentBlock[]): string[] {
  return blocks.map((block) => (isBlock(block, 'text') ? block.text : plainText(block)));
}
