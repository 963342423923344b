import { asFields } from '../../openai/chunk.ts';
import type { FinishReason } from '../../part.ts';
import { parse } from '../argument-values.ts';
import { endedSoundly, match, type Reading, skipSpace, type Tools, wait } from './dialect.ts';
import { channelToken, type Header, readHeader, startToken } from './harmony-header.ts';
import { checkCall, endOfObject, isComplete } from './json-call.ts';

/** Tokens that end a harmony message. */
export const endTokens = ['<|end|>', '<|return|>', '<|call|>'];

/**
 * Reads gpt-oss's dialect, harmony: a header, then a call's JSON, thinking (channel analysis) or text (final, and
 * commentary without a recipient).
 * @param text starts with `<|end|>`, `<|start|>`, `<|channel|>`, or at the answer's start with `to=` or `commentary to=`
 * @param isOpening true at the answer's start and behind another harmony message: elsewhere a channel that is no call
 *   is prose about harmony, unless `<|end|>` stands before it
 */
export function readHarmony(text: string, tools: Tools, ending: FinishReason | undefined, isOpening: boolean): Reading {
  const nothing: Reading = { kind: 'text', length: 1 };
  const closesOther = match(text, 0, '<|end|>') === 'yes';
  const from = closesOther ? skipSpace(text, '<|end|>'.length) : 0;
  const header = readHeader(text, from, tools);
  if (header === undefined) return nothing;
  if (header === 'cut') return ending === undefined ? { kind: 'more' } : nothing;
  if (header.recipient !== undefined) return readCall(text, header, header.recipient, tools, ending);
  if (!isOpening && !closesOther) return nothing;
  return { kind: 'channel', channel: header.channel === 'analysis' ? 'reasoning' : 'text', length: header.end };
}

/** The JSON object behind a call's header, and what may end it: an end token, the next message, the answer's end. */
function readCall(text: string, header: Header, name: string, tools: Tools, ending: FinishReason | undefined): Reading {
  const start = skipSpace(text, header.end);
  if (start >= text.length) return wait(text, ending);
  const isEmpty = text.charAt(start) === '<';
  const end = isEmpty ? start : text.charAt(start) === '{' ? endOfObject(text, start) : -1;
  if (end === undefined) return wait(text, ending, '}');
  const input = isEmpty ? {} : asFields(parse(text.slice(start, end)));
  const call = end >= 0 && input ? checkCall(name, input, tools) : undefined;
  if (!call) return { kind: 'text', length: Math.max(end, header.end) };
  const at = skipSpace(text, end);
  if (at >= text.length) {
    if (!endedSoundly(ending) || !isComplete(call, tools)) return wait(text, ending);
    return { kind: 'calls', repair: 'harmony', calls: [call], length: at };
  }
  for (const token of [...endTokens, startToken, channelToken]) {
    const found = match(text, at, token);
    if (found === 'cut') return wait(text, ending);
    if (found === 'no') continue;
    const length = endTokens.includes(token) ? at + token.length : at;
    return { kind: 'calls', repair: 'harmony', calls: [call], length };
  }
  return { kind: 'text', length: end };
}
