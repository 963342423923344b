import type { FinishReason } from '../../part.ts';
import { match, type Reading, skipSpace, type Tools, wait } from './dialect.ts';
import { readGlmCall } from './glm-call.ts';
import { readHermesCall } from './hermes-call.ts';
import { readQwenCall } from './qwen-call.ts';

export const openTag = '<tool_call>';
export const closeTag = '</tool_call>';
export const functionOpener = '<function=';

const run = /(?:<\/?tool_call>\s*)+/y;

/**
 * Reads what begins with `<tool_call>` or `</tool_call>`. Three dialects share the tag; what comes behind it tells which
 * one speaks. GLM repeats it (C16, C17), and servers leave it behind where they took the call (C23, C24): such orphans
 * fall away, but only beside a call.
 * @param text starts with one of the two tags
 * @param hasCalls true where the answer has calls already, native or recovered; asked at the answer's end
 */
export function readToolCallTag(
  text: string,
  tools: Tools,
  ending: FinishReason | undefined,
  hasCalls: boolean,
): Reading {
  run.lastIndex = 0;
  const length = run.exec(text)?.[0].length ?? 0;
  if (length >= text.length) {
    if (ending === undefined) return { kind: 'more' };
    return { kind: hasCalls ? 'drop' : 'text', length };
  }
  const isCut = [openTag, closeTag, functionOpener].some((tag) => match(text, length, tag) === 'cut');
  if (isCut && ending === undefined) return { kind: 'more' };
  const open = text.lastIndexOf(openTag, length);
  const isOpen = open >= 0 && open > text.lastIndexOf(closeTag, length);
  const isNaked = !isOpen && match(text, length, functionOpener) === 'yes';
  if (!isOpen && !isNaked) return { kind: 'text', length };
  const start = isOpen ? open : length;
  const rest = start === 0 ? text : text.slice(start);
  const reading = isOpen ? readBehindTag(rest, tools, ending) : readQwenCall(rest, 0, tools, ending);
  return reading.kind === 'more' || start === 0 ? reading : { ...reading, length: start + reading.length };
}

function readBehindTag(text: string, tools: Tools, ending: FinishReason | undefined): Reading {
  const at = skipSpace(text, openTag.length);
  if (at >= text.length) return wait(text, ending);
  if (text.charAt(at) === '{') return readHermesCall(text, at, tools, ending);
  if (match(text, at, functionOpener) === 'yes') return readQwenCall(text, at, tools, ending);
  if (text.charAt(at) === '<') return { kind: 'text', length: openTag.length };
  return readGlmCall(text, at, tools, ending);
}
