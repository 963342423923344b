import { z } from 'zod';

/**
 * The content blocks that Strelka knows (protocol.md 2), loosely: what it reads must have the right type, all else
 * passes. Blocks of other types are no error: clients gain new ones with every release.
 */
const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });

const source = z.looseObject({ type: z.string() });
const base64Source = z.looseObject({ type: z.literal('base64'), media_type: z.string(), data: z.string() });
const urlSource = z.looseObject({ type: z.literal('url'), url: z.string() });
const textSource = z.looseObject({ type: z.literal('text'), data: z.string() });
const contentSource = z.looseObject({
  type: z.literal('content'),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]),
});

const imageBlock = z.looseObject({ type: z.literal('image'), source });
const documentBlock = z.looseObject({
  type: z.literal('document'),
  source,
  title: z.string().nullish(),
  context: z.string().nullish(),
});
const searchResultBlock = z.looseObject({
  type: z.literal('search_result'),
  content: z.array(z.looseObject({ type: z.string() })),
  source: z.string().nullish(),
  title: z.string().nullish(),
});
/** `signature` is not read: Strelka's own are synthetic, and other providers' are of no use to an OpenAI upstream. */
const thinkingBlock = z.looseObject({ type: z.literal('thinking'), thinking: z.string() });
const toolUseBlock = z.looseObject({ type: z.literal('tool_use'), id: z.string(), name: z.string() });
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).nullish(),
  is_error: z.boolean().nullish(),
});

export const blockSchemas = {
  text: textBlock,
  image: imageBlock,
  document: documentBlock,
  search_result: searchResultBlock,
  thinking: thinkingBlock,
  tool_use: toolUseBlock,
  tool_result: toolResultBlock,
};

export const sourceSchemas = { base64: base64Source, url: urlSource, text: textSource, content: contentSource };

/** Any block: its type, and whatever else it carries. */
export interface ContentBlock {
  type: string;
  [field: string]: unknown;
}

type Blocks = { [T in keyof typeof blockSchemas]: z.infer<(typeof blockSchemas)[T]> };
type Sources = { [T in keyof typeof sourceSchemas]: z.infer<(typeof sourceSchemas)[T]> };
export type TextBlock = Blocks['text'];
export type ImageBlock = Blocks['image'];
export type DocumentBlock = Blocks['document'];
export type ToolUseBlock = Blocks['tool_use'];
export type ToolResultBlock = Blocks['tool_result'];

/**
 * Narrows a block by its type. Sound for blocks that `parseMessagesRequest` let through: it has checked the fields.
 */
export function isBlock<T extends keyof Blocks>(block: ContentBlock, type: T): block is Blocks[T] {
  return block.type === type;
}

/** Narrows the source of an image or document by its type; sound for what `parseMessagesRequest` let through. */
export function isSource<T extends keyof Sources>(of: ContentBlock, type: T): of is Sources[T] {
  return of.type === type;
}

/** @returns true for a JSON object, which neither null nor an array is */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns true for an object that names its type, as every block and source does */
export function isContentBlock(value: unknown): value is ContentBlock {
  return isObject(value) && typeof value.type === 'string';
}
