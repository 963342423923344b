import type { FinishReason } from '../../part.ts';
import { endedSoundly, match, type Reading, skipSpace, type Tools, wait } from './dialect.ts';
import { canBeCall, endOfObject, isComplete, isOutsideStrings, readJsonCall } from './json-call.ts';

const closeTag = '</tool_call>';

/**
 * Reads Hermes' dialect: `<tool_call>{"name": NAME, "arguments": {..}}</tool_call>`.
 * @param text starts with the opening tag
 * @param start where the `{` stands
 */
export function readHermesCall(text: string, start: number, tools: Tools, ending: FinishReason | undefined): Reading {
  if (!canBeCall(text, start, tools)) {
    const isObject = text.charAt(skipSpace(text, start + 1)) === '"';
    return { kind: 'text', length: start, until: isObject ? closeTag : undefined };
  }
  const end = endOfObject(text, start);
  if (end === undefined) {
    // A closing tag outside of strings: the braces can't balance any more.
    const close = text.indexOf(closeTag, start);
    if (close >= 0 && isOutsideStrings(text, start, close)) return { kind: 'text', length: close + closeTag.length };
    return wait(text, ending, '}');
  }
  const call = readJsonCall(text.slice(start, end), tools);
  if (!call) return { kind: 'text', length: end, until: closeTag };
  const at = skipSpace(text, end);
  const close = match(text, at, closeTag);
  if (close === 'yes') return { kind: 'calls', repair: 'hermes-call', calls: [call], length: at + closeTag.length };
  if (at < text.length && close === 'no') return { kind: 'text', length: end, until: closeTag };
  if (endedSoundly(ending) && at >= text.length && isComplete(call, tools))
    return { kind: 'calls', repair: 'hermes-call', calls: [call], length: text.length };
  return wait(text, ending, '>');
}
