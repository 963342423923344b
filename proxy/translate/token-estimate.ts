import { estimateText } from './token-text.ts';
import { type CountableRequest, countedTool, type Fields, walkRequest } from './token-walk.ts';

/** Deeper values than any schema's or argument's are not followed: each costs one token. */
const deepest = 100;

/**
 * Estimates a request's tokens without a tokenizer, for the hot path: about a tenth of a millisecond for what Claude
 * Code sends, whatever the length of its strings. Images by their size in pixels, PDFs by their size in bytes.
 * @returns tokens of system, tools and messages
 */
export function estimateTokens(request: CountableRequest): number {
  let tokens = 0;
  walkRequest(request, {
    text: (text) => {
      tokens += estimateText(text);
    },
    json: (value) => {
      tokens += estimateJson(value, 0);
    },
    tool: (tool) => {
      tokens += estimateTool(tool);
    },
    fixed: (count) => {
      tokens += count;
    },
  });
  return Math.ceil(tokens);
}

/** Estimates of tools, which keep their identity over the turns of a conversation (tool-store.ts). */
const toolEstimates = new WeakMap<Fields, number>();

function estimateTool(tool: Fields): number {
  let tokens = toolEstimates.get(tool);
  if (tokens === undefined) {
    tokens = estimateJson(countedTool(tool), 0);
    toolEstimates.set(tool, tokens);
  }
  return tokens;
}

/** Quotes, colons and brackets mostly melt into one token between two words. */
function estimateJson(value: unknown, depth: number): number {
  if (typeof value === 'string') return estimateText(value) + 0.5;
  if (typeof value === 'number') return estimateText(String(value));
  if (typeof value !== 'object' || value === null || depth > deepest) return 1;
  let tokens = 1;
  if (Array.isArray(value)) for (const item of value) tokens += 0.5 + estimateJson(item, depth + 1);
  else
    for (const key of Object.keys(value)) {
      const item: unknown = value[key as keyof typeof value];
      if (item !== undefined) tokens += estimateText(key) + 1.5 + estimateJson(item, depth + 1);
    }
  return tokens;
}
