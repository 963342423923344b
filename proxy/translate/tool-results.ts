import type { ToolResultBlock } from '../anthropic/blocks.ts';
import type { ChatContentPart } from '../openai/chat-request.ts';
import { translateBlocks } from './content.ts';
import { type ContentScope, textPart } from './content-scope.ts';

/** A tool's result: what a tool message can hold, and what has to stand in a user message behind it. */
export interface TranslatedResult {
  text: string;
  /** Images and files: chat completions take them in user messages only. */
  lifted: ChatContentPart[];
}

/** Stands for the result of a call that never got one: every call must be answered before the conversation goes on. */
export const missingResult: TranslatedResult = { text: '[No result was recorded for this tool call.]', lifted: [] };

/** Some servers refuse an empty tool message. */
const emptyResult = '[The tool returned nothing.]';

/**
 * @param toolName as sent, to say where lifted images come from
 */
export function translateResult(block: ToolResultBlock, toolName: string, scope: ContentScope): TranslatedResult {
  const parts =
    typeof block.content === 'string'
      ? [textPart(block.content)]
      : translateBlocks(block.content ?? [], { ...scope, inToolResult: true });
  const media = parts.filter((part) => part.type !== 'text');
  const texts = parts.flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []));
  if (media.length > 0) texts.push(pointer(media));
  const text = texts.join('\n') || emptyResult;
  return {
    text: block.is_error === true && !/^\s*error\b/i.test(text) ? `Error: ${text}` : text,
    lifted: media.length > 0 ? [textPart(`From the result of the tool ${toolName}:`), ...media] : [],
  };
}

function pointer(media: readonly ChatContentPart[]): string {
  const images = media.every((part) => part.type === 'image_url');
  const [noun, verb] =
    media.length === 1 ? [images ? 'image' : 'file', 'follows'] : [images ? 'images' : 'files', 'follow'];
  return `[${media.length} ${noun} of this result ${verb} in the next user message.]`;
}

/** A result whose call is no longer in the conversation (compacted away, or answered before): the user's words then. */
export function orphanedParts(block: ToolResultBlock, scope: ContentScope): ChatContentPart[] {
  const { text, lifted } = translateResult(block, block.tool_use_id, scope);
  return [textPart(`[Result of an earlier tool call]\n${text}`), ...lifted];
}
