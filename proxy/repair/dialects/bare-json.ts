import type { FinishReason } from '../../part.ts';
import { endedSoundly, match, type Reading, skipSpace, type Tools } from './dialect.ts';
import { canBeCall, endOfObject, isComplete, readJsonCall } from './json-call.ts';

const fence = '```';

/**
 * Reads an answer that is one JSON call and nothing else, bare (H07) or in one fence (H08), as small Ollama models write
 * it. Held back only while it still can be that: an undeclared name, other keys or a word behind it make it text.
 * @param text the whole answer so far, without leading white space
 */
export function readBareJson(text: string, tools: Tools, ending: FinishReason | undefined): Reading {
  const nothing: Reading = { kind: 'text', length: 0 };
  const more: Reading = ending === undefined ? { kind: 'more' } : nothing;
  const fenced = match(text, 0, fence);
  if (fenced === 'cut') return more;
  let start = 0;
  if (fenced === 'yes') {
    const info = match(text, fence.length, 'json');
    if (info === 'cut') return more;
    start = skipSpace(text, fence.length + (info === 'yes' ? 4 : 0));
  }
  if (start >= text.length) return more;
  if (text.charAt(start) !== '{' || !startsWithName(text, start) || !canBeCall(text, start, tools)) return nothing;
  const end = endOfObject(text, start);
  if (end === undefined) return ending === undefined ? { kind: 'more', awaits: '}' } : nothing;
  const call = readJsonCall(text.slice(start, end), tools);
  if (!call || !isComplete(call, tools) || !/"(?:arguments|parameters)"/.test(text)) return nothing;
  let at = skipSpace(text, end);
  if (fenced === 'yes') {
    const close = match(text, at, fence);
    if (close === 'cut') return more;
    if (close === 'no') return nothing;
    at = skipSpace(text, at + fence.length);
  }
  if (at < text.length) return nothing;
  if (ending === undefined) return more;
  return endedSoundly(ending) ? { kind: 'calls', repair: 'bare-json', calls: [call], length: text.length } : nothing;
}

function startsWithName(text: string, start: number): boolean {
  const at = skipSpace(text, start + 1);
  return at >= text.length || match(text, at, '"name"') !== 'no';
}
