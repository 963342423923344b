import type { FinishReason } from '../../part.ts';
import { hasRequired, readParameters, readValue, takes } from '../argument-values.ts';
import { match, type ReadCall, type Reading, skipSpace, startsName, type Tools, wait } from './dialect.ts';

export const functionCallsTag = '<function_calls>';
const closeTag = '</function_calls>';
const openInvoke = '<invoke name="';
const closeInvoke = '</invoke>';
const openParameter = '<parameter name="';
const closeParameter = '</parameter>';

/**
 * Reads the dialect of models trained on Anthropic's transcripts: `<function_calls>` around calls written as
 * `<invoke name="NAME"><parameter name="K">V</parameter></invoke>`. All of the calls must be sound, or none is taken.
 * @param text starts with `<function_calls>`
 */
export function readAnthropicCalls(text: string, tools: Tools, ending: FinishReason | undefined): Reading {
  const calls: ReadCall[] = [];
  let at = functionCallsTag.length;
  for (;;) {
    at = skipSpace(text, at);
    const close = match(text, at, closeTag);
    if (close === 'yes' && calls.length > 0)
      return { kind: 'calls', repair: 'anthropic-call', calls, length: at + closeTag.length };
    const open = match(text, at, openInvoke);
    const isCut = at >= text.length || open === 'cut' || (close === 'cut' && calls.length > 0);
    if (open !== 'yes') {
      if (isCut && ending === undefined) return { kind: 'more' };
      return calls.length === 0
        ? { kind: 'text', length: functionCallsTag.length }
        : { kind: 'text', length: isCut ? text.length : at, until: closeTag };
    }
    const call = readInvoke(text, at + openInvoke.length, tools);
    if (call === 'open') return wait(text, ending, calls.length === 0 ? undefined : '>');
    if (call === undefined) return { kind: 'text', length: at + openInvoke.length, until: closeTag };
    calls.push(call.call);
    at = call.end;
  }
}

function readInvoke(text: string, start: number, tools: Tools): { call: ReadCall; end: number } | 'open' | undefined {
  const nameEnd = text.indexOf('"', start);
  const name = text.slice(start, nameEnd < 0 ? text.length : nameEnd);
  if (nameEnd < 0) return startsName(name, tools.keys()) ? 'open' : undefined;
  const tool = tools.get(name.trim());
  const tagEnd = match(text, nameEnd, '">');
  if (!tool || tagEnd === 'no') return undefined;
  if (tagEnd === 'cut') return 'open';
  const parameters = readParameters(tool);
  const input = new Map<string, unknown>();
  let at = nameEnd + 2;
  for (;;) {
    at = skipSpace(text, at);
    if (at >= text.length) return 'open';
    const close = match(text, at, closeInvoke);
    if (close === 'yes') {
      const values = Object.fromEntries(input);
      if (input.size === 0 && !hasRequired(parameters, values)) return undefined;
      return { call: { name: tool.name, input: values }, end: at + closeInvoke.length };
    }
    const open = match(text, at, openParameter);
    if (open !== 'yes') return open === 'cut' || close === 'cut' ? 'open' : undefined;
    const keyStart = at + openParameter.length;
    const keyEnd = text.indexOf('">', keyStart);
    if (keyEnd < 0) return text.length - keyStart < 80 ? 'open' : undefined;
    const key = text.slice(keyStart, keyEnd).trim();
    if (!takes(parameters, key)) return undefined;
    const valueEnd = findValueEnd(text, keyEnd + 2);
    if (valueEnd < 0) return 'open';
    input.set(key, readValue(text.slice(keyEnd + 2, valueEnd), key, parameters, tool));
    at = valueEnd + closeParameter.length;
  }
}

/** A closing tag counts only where another parameter or the call's end follows: values may hold XML. */
function findValueEnd(text: string, from: number): number {
  for (let close = text.indexOf(closeParameter, from); close >= 0; close = text.indexOf(closeParameter, close + 1)) {
    const at = skipSpace(text, close + closeParameter.length);
    if (at >= text.length || match(text, at, openParameter) !== 'no' || match(text, at, closeInvoke) !== 'no')
      return close;
  }
  return -1;
}
