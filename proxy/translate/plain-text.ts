import { type ContentBlock, isContentBlock, isObject } from '../anthropic/blocks.ts';

/** Blocks inside blocks inside blocks: no real one goes deeper, and a hostile one must not exhaust the stack. */
const maxDepth = 6;

/**
 * What a person would read in a block of a type that chat completions do not have: server tools' calls and results,
 * and block types that are newer than this file. Ciphertext, ids and signatures are left out.
 * @returns the text, '' where the block holds none
 */
export function plainText(block: ContentBlock, depth = 0): string {
  if (depth > maxDepth) return '';
  switch (block.type) {
    case 'server_tool_use':
    case 'mcp_tool_use':
      return `[${textOf(block.server_name) || 'Server'} tool ${textOf(block.name)} was called with ${inputText(block.input)}]`;
    case 'web_search_result':
      return [textOf(block.title), textOf(block.url)].filter(Boolean).join(' - ');
    case 'tool_reference':
      return `Tool found: ${textOf(block.tool_name)}`;
    case 'container_upload':
      return '[A file was uploaded to a code execution container, which is not available here]';
    case 'redacted_thinking':
      return '';
    case 'image':
      return '[An image stood here]';
    case 'document':
      return genericText(block, depth) || '[A file stood here]';
    default:
      return genericText(block, depth);
  }
}

/** Reads the fields that hold prose in Anthropic's blocks: text, title, url, stdout, stderr and what is nested. */
function genericText(block: ContentBlock, depth: number): string {
  const failure = textOf(block.error_message) || textOf(block.error_code);
  const lines = [
    textOf(block.title),
    textOf(block.url),
    textOf(block.text),
    textOf(block.stdout),
    textOf(block.stderr),
    textOf(block.source),
    isObject(block.source) && block.source.type !== 'base64' ? textOf(block.source.data) : '',
    ...nestedTexts(block.content, depth),
    ...nestedTexts(block.tool_references, depth),
    isContentBlock(block.source) ? nestedTexts(block.source.content, depth).join('\n') : '',
    failure && `[Failed: ${failure}]`,
  ].filter((line) => line !== '');
  if (lines.length === 0) return '';
  const heading = /^(.+)_tool_result$/.exec(block.type)?.[1];
  return heading ? `[Result of ${heading}]\n${lines.join('\n')}` : lines.join('\n');
}

function nestedTexts(content: unknown, depth: number): string[] {
  if (typeof content === 'string') return [content];
  const inner = Array.isArray(content) ? content : [content];
  return inner.filter(isContentBlock).map((block) => plainText(block, depth + 1));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The input of a server tool, short: its string fields are what the reader needs. */
function inputText(input: unknown): string {
  if (!isObject(input)) return 'no input';
  const fields = Object.entries(input).flatMap(([key, value]) =>
    typeof value === 'string' || typeof value === 'number' ? [`${key}: ${value}`] : [],
  );
  return fields.join(', ') || 'no input';
}
