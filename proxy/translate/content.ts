import { type ContentBlock, type ImageBlock, isBlock, isSource } from '../anthropic/blocks.ts';
import { StrelkaError } from '../errors.ts';
import { type ChatContentPart, isMediaPart } from '../openai/chat-request.ts';
import { type ContentScope, textPart } from './content-scope.ts';
import { searchResultText, translateDocument } from './document-content.ts';
import { plainText } from './plain-text.ts';

/** Beta blocks that steer Anthropic's servers and tell the model nothing (protocol.md 2). */
const steering = new Set([
  'redacted_thinking',
  'thinking',
  'fallback',
  'tool_addition',
  'tool_removal',
  'mcp_tool_listing',
  'compaction',
]);

/**
 * The blocks of a user's message, or of a tool's result, as chat content. Tool calls and results are not its business.
 * @throws StrelkaError 'unsupported-content' for what the model can't be given
 */
export function translateBlocks(blocks: readonly ContentBlock[], scope: ContentScope): ChatContentPart[] {
  return blocks.flatMap((block) => translateBlock(block, scope));
}

function translateBlock(block: ContentBlock, scope: ContentScope): ChatContentPart[] {
  if (isBlock(block, 'text')) return block.text === '' ? [] : [textPart(block.text)];
  if (isBlock(block, 'image')) return [translateImage(block, scope)];
  if (isBlock(block, 'document'))
    return translateDocument(block, scope, (inner) => translateBlocks(inner.filter(isLeaf), scope));
  if (isBlock(block, 'search_result')) return [textPart(searchResultText(block))];
  // The OpenAI door's, which an upstream that can't take them refuses itself.
  if (isMediaPart(block)) return [block];
  if (block.type === 'tool_reference' && typeof block.tool_name === 'string')
    return [textPart(`Tool found: ${scope.names.sent(block.tool_name)}`)];
  const text = plainText(block);
  if (text !== '') return [textPart(text)];
  return steering.has(block.type) ? [] : [textPart(`[Content of the type "${block.type}" can't be shown here.]`)];
}

/** A document's content holds text and images, not documents again. */
function isLeaf(block: ContentBlock): boolean {
  return block.type !== 'document';
}

function translateImage(block: ImageBlock, scope: ContentScope): ChatContentPart {
  const { model, profile } = scope;
  if (!profile.vision) {
    if (profile.imageWithoutVision === 'describe')
      return textPart(`[An image stood here. The model ${model} can't see images.]`);
    throw new StrelkaError(
      'unsupported-content',
      `The model ${model} can't see images. Remove the image, or choose a model with vision (capability_rejected: image_block).`,
    );
  }
  const { source } = block;
  // How closely to look is said at the OpenAI door only.
  const detail = typeof block.detail === 'string' ? { detail: block.detail } : {};
  if (isSource(source, 'base64'))
    return { type: 'image_url', image_url: { url: `data:${source.media_type};base64,${source.data}`, ...detail } };
  if (isSource(source, 'url')) return { type: 'image_url', image_url: { url: source.url, ...detail } };
  if (scope.inToolResult) return textPart("[An image of Anthropic's Files API stood here; it is not available.]");
  throw new StrelkaError(
    'unsupported-content',
    `An image has a source of the type "${source.type}", which only Anthropic's servers can read. Send it in base64 or by URL.`,
  );
}
