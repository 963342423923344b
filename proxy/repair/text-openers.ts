import type { FinishReason } from '../part.ts';
import { functionCallsTag, readAnthropicCalls } from './dialects/anthropic-call.ts';
import { readBareJson } from './dialects/bare-json.ts';
import { cutLength, match, type Reading, type Tools } from './dialects/dialect.ts';
import { endTokens, readHarmony } from './dialects/harmony.ts';
import { channelToken, startToken } from './dialects/harmony-header.ts';
import { pythonTag, readLlamaCall } from './dialects/llama-call.ts';
import { readQwenCall } from './dialects/qwen-call.ts';
import { closeTag, functionOpener, openTag, readToolCallTag } from './dialects/tool-call-tag.ts';

/** What an opener's meaning hangs on beside the text that follows. */
export interface Surroundings {
  tools: Tools;
  ending: FinishReason | undefined;
  /** The answer has calls already, native or recovered. */
  hasCalls: boolean;
  /** Nothing but white space stands between the last call and this place. */
  isBehindCall: boolean;
  /** Nothing but white space came before. */
  isStart: boolean;
  /** The answer speaks harmony: a header of it was read. */
  inHarmony: boolean;
}

const callOpeners = [openTag, closeTag, functionOpener, functionCallsTag, pythonTag];
const harmonyOpeners = [startToken, channelToken, ...endTokens];
const messageEnd = /<\|(?:end|return|call|start|channel)\|>/g;
/** Ends of envelopes that were read without them. */
const closers = [closeTag, '</function>', '</function_calls>'];

/** @returns true where a text that starts with `<` may be an opener; most tags in prose and code are not */
export function mayOpen(text: string, at: number): boolean {
  if (at + 1 >= text.length) return true;
  const next = text.charCodeAt(at + 1);
  // t, f, | and /
  return next === 116 || next === 102 || next === 124 || next === 47;
}

/**
 * Finds where harmony's thinking ends: at an end token, which falls away, or at the next message's header.
 * @param from where to look from
 * @returns `isWhole` false where no token stands there; `start` is then from where on one may be coming
 */
export function findMessageEnd(
  text: string,
  from: number,
  ending: FinishReason | undefined,
): { start: number; end: number; isWhole: boolean } {
  messageEnd.lastIndex = from;
  const found = messageEnd.exec(text);
  if (found) {
    const end = endTokens.includes(found[0]) ? found.index + found[0].length : found.index;
    return { start: found.index, end, isWhole: true };
  }
  const cut = ending === undefined ? Math.max(...harmonyOpeners.map((token) => cutLength(text, token))) : 0;
  return { start: Math.max(from, text.length - cut), end: text.length, isWhole: false };
}

/**
 * Finds the dialect that a text speaks and lets it read.
 * @param text starts with `<`
 */
export function readOpener(text: string, surroundings: Surroundings): Reading {
  const { tools, ending, isBehindCall, inHarmony } = surroundings;
  const openers =
    tools.size === 0 ? harmonyOpeners : [...callOpeners, ...harmonyOpeners, ...(isBehindCall ? closers : [])];
  const opener = openers.find((candidate) => match(text, 0, candidate) === 'yes');
  if (opener === undefined) {
    const isCut = ending === undefined && openers.some((candidate) => match(text, 0, candidate) === 'cut');
    return isCut ? { kind: 'more' } : { kind: 'text', length: 1 };
  }
  if (isBehindCall && closers.includes(opener)) return { kind: 'drop', length: opener.length };
  switch (opener) {
    case openTag:
    case closeTag:
      return readToolCallTag(text, tools, ending, surroundings.hasCalls);
    case functionOpener:
      return readQwenCall(text, 0, tools, ending);
    case functionCallsTag:
      return readAnthropicCalls(text, tools, ending);
    case pythonTag:
      return readLlamaCall(text, tools, ending);
    default:
      if (inHarmony && endTokens.includes(opener)) return { kind: 'drop', length: opener.length };
      return readHarmony(text, tools, ending, surroundings.isStart || inHarmony);
  }
}

/**
 * Reads the two dialects that show themselves only at an answer's start: one bare JSON call, and harmony without its
 * first tokens.
 * @param text the answer so far, without leading white space
 * @returns undefined where it is neither
 */
export function readStart(text: string, tools: Tools, ending: FinishReason | undefined): Reading | undefined {
  if (tools.size === 0) return undefined;
  const first = text.charAt(0);
  let reading: Reading | undefined;
  if (first === '{' || first === '`') reading = readBareJson(text, tools, ending);
  else if (first === 't' || first === 'c') reading = readHarmony(text, tools, ending, true);
  return reading === undefined || reading.kind === 'text' ? undefined : reading;
}
