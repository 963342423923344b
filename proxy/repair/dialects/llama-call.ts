import type { FinishReason } from '../../part.ts';
import { endedSoundly, match, type ReadCall, type Reading, skipSpace, type Tools, wait } from './dialect.ts';
import { canBeCall, endOfObject, readJsonCall } from './json-call.ts';

export const pythonTag = '<|python_tag|>';
const endTokens = ['<|eom_id|>', '<|eot_id|>'];

/**
 * Reads Llama's dialect: `<|python_tag|>{"name", "parameters"}`, more of them behind `;`. The object's last brace closes
 * the envelope. What else stands behind the tag (Python, mostly) is text.
 * @param text starts with the tag
 */
export function readLlamaCall(text: string, tools: Tools, ending: FinishReason | undefined): Reading {
  const calls: ReadCall[] = [];
  let at = skipSpace(text, pythonTag.length);
  for (;;) {
    if (at >= text.length) return wait(text, ending);
    if (text.charAt(at) !== '{' || !canBeCall(text, at, tools)) return { kind: 'text', length: pythonTag.length };
    const end = endOfObject(text, at);
    if (end === undefined) return wait(text, ending, '}');
    const call = readJsonCall(text.slice(at, end), tools);
    if (!call) return { kind: 'text', length: end };
    calls.push(call);
    at = skipSpace(text, end);
    if (at >= text.length) {
      if (ending === undefined || !endedSoundly(ending)) return wait(text, ending);
      return { kind: 'calls', repair: 'llama-call', calls, length: at };
    }
    if (text.charAt(at) !== ';') break;
    at = skipSpace(text, at + 1);
  }
  const tokens = endTokens.map((token) => match(text, at, token));
  const found = tokens.indexOf('yes');
  if (found < 0 && tokens.includes('cut') && ending === undefined) return wait(text, ending);
  const length = at + (found < 0 ? 0 : (endTokens[found]?.length ?? 0));
  return { kind: 'calls', repair: 'llama-call', calls, length };
}
