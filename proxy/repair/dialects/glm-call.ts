import type { FinishReason } from '../../part.ts';
import { hasRequired, type Parameters, readParameters, readValue, takes } from '../argument-values.ts';
import { endedSoundly, isWord, match, type Reading, skipSpace, startsName, type Tools, wait } from './dialect.ts';

const openTag = '<tool_call>';
const closeTag = '</tool_call>';
const openKey = '<arg_key>';
const closeKey = '</arg_key>';
const openValue = '<arg_value>';
const closeValue = '</arg_value>';
/** A value without its opener (C19) is only believed when it ends soon, so that prose is not held for long. */
const longestBareValue = 4_000;
/** The end of a value, and the beginning of one that stands inside another. */
const valueTags = /<\/arg_value>|<\/arg_key>\s*<arg_value>/g;

/**
 * Reads GLM's dialect, 4.5 to 4.7, and its malformed forms (failures.md 2): `NAME`, then pairs of `<arg_key>` and
 * `<arg_value>`, then `</tool_call>`.
 * @param text starts with the opening tag
 * @param start where the name begins
 */
export function readGlmCall(text: string, start: number, tools: Tools, ending: FinishReason | undefined): Reading {
  const nothing: Reading = { kind: 'text', length: start };
  const stop = indexOfAny(text, start, '<\n');
  if (stop < 0) {
    if (!canStartName(text.slice(start).trimEnd(), tools)) return nothing;
    if (ending === undefined) return { kind: 'more' };
    return endedSoundly(ending)
      ? readBody(text, text.length, text.slice(start).trim(), tools, ending, nothing)
      : nothing;
  }
  const name = text.slice(start, stop).trim();
  if (tools.has(name)) return readBody(text, stop, name, tools, ending, nothing);
  const glued = match(text, stop, closeKey);
  if (glued === 'cut' && ending === undefined && splitGlued(name, tools)) return { kind: 'more' };
  const split = glued === 'yes' ? splitGlued(name, tools) : undefined;
  if (split) return readBody(text, start + split.length, split, tools, ending, nothing);
  const isCall = isWord(name) && match(text, skipSpace(text, stop), openKey) === 'yes';
  // An undeclared tool's arguments may hold anything, calls of declared tools too.
  if (isCall) return { kind: 'text', length: stop, until: closeTag };
  const canBecomeCall = match(text, skipSpace(text, stop), openKey) === 'cut' && ending === undefined;
  return canBecomeCall && isWord(name) ? { kind: 'more' } : nothing;
}

function canStartName(text: string, tools: Tools): boolean {
  // An undeclared name is waited for too: what its arguments hold must not be read as calls.
  return isWord(text) || startsName(text, tools.keys()) || gluedPrefix(text, tools);
}

/** True where the text is a tool's name and the beginning of one of its properties (C20). */
function gluedPrefix(text: string, tools: Tools): boolean {
  for (const tool of tools.values())
    if (
      text.startsWith(tool.name) &&
      startsName(text.slice(tool.name.length).trimStart(), readParameters(tool).properties.keys())
    )
      return true;
  return false;
}

/** `Bashcommand`: the one way to cut it into a tool and one of its properties (C20). @returns the tool's name */
function splitGlued(text: string, tools: Tools): string | undefined {
  const found: string[] = [];
  for (const tool of tools.values())
    if (text.startsWith(tool.name) && readParameters(tool).properties.has(text.slice(tool.name.length).trim()))
      found.push(tool.name);
  return found.length === 1 ? found[0] : undefined;
}

function readBody(
  text: string,
  start: number,
  name: string,
  tools: Tools,
  ending: FinishReason | undefined,
  nothing: Reading,
): Reading {
  const tool = tools.get(name);
  if (!tool) return nothing;
  const parameters = readParameters(tool);
  const pairs = new Map<string, unknown>();
  const finish = (length: number): Reading => {
    const input = Object.fromEntries(pairs);
    if (pairs.size === 0 && !hasRequired(parameters, input)) return { kind: 'text', length };
    return { kind: 'calls', repair: 'glm-call', calls: [{ name, input }], length };
  };
  let at = start;
  for (;;) {
    at = skipSpace(text, at);
    if (at >= text.length) {
      const isWhole = endedSoundly(ending) && pairs.size > 0 && hasRequired(parameters, Object.fromEntries(pairs));
      return isWhole ? finish(text.length) : wait(text, ending, pairs.size > 0 ? closeTag : undefined);
    }
    const close = match(text, at, closeTag);
    if (close === 'yes') return finish(at + closeTag.length);
    const key = readKey(text, at, parameters);
    if (key === 'cut' || (close === 'cut' && key === undefined)) return wait(text, ending, undefined);
    // Nothing of the body was taken yet: it was a name in prose. Later it is a broken call, whose text passes as a whole.
    if (key === undefined) return pairs.size === 0 ? nothing : { kind: 'text', length: at, until: closeTag };
    const value = readRawValue(text, key.end, parameters);
    if (value === 'cut') return wait(text, ending, pairs.size === 0 ? undefined : closeTag);
    if (value === undefined) return { kind: 'text', length: key.end, until: closeTag };
    pairs.set(key.name, readValue(value.text, key.name, parameters, tool));
    at = value.end;
  }
}

interface Key {
  name: string;
  end: number;
}

/** `<arg_key>K</arg_key>`, also with `<tool_call>` in the opener's place (C18) or without any opener. */
function readKey(text: string, start: number, parameters: Parameters): Key | 'cut' | undefined {
  let at = start;
  let isCut = false;
  for (const opener of [openKey, openTag]) {
    const found = match(text, start, opener);
    if (found === 'yes') at = start + opener.length;
    isCut ||= found === 'cut';
  }
  if (isCut) return 'cut';
  const stop = text.indexOf('<', at);
  const name = text.slice(at, stop < 0 ? text.length : stop).trim();
  if (stop < 0)
    return startsName(name, parameters.properties.keys()) || (parameters.isOpen && name.length < 64)
      ? 'cut'
      : undefined;
  if (!takes(parameters, name)) return undefined;
  const close = match(text, stop, closeKey);
  return close === 'yes' ? { name, end: stop + closeKey.length } : close === 'cut' ? 'cut' : undefined;
}

/** The raw text of `<arg_value>V</arg_value>`; the opener may be missing (C19, vllm#49248). */
function readRawValue(
  text: string,
  start: number,
  parameters: Parameters,
): { text: string; end: number } | 'cut' | undefined {
  const place = skipSpace(text, start);
  const opener = match(text, place, openValue);
  if (opener === 'cut' || place >= text.length) return 'cut';
  if (opener === 'yes') {
    const from = place + openValue.length;
    const close = findValueEnd(text, from, parameters);
    return close < 0 ? 'cut' : { text: text.slice(from, close), end: close + closeValue.length };
  }
  const from = text.charAt(start) === '\n' ? start + 1 : start;
  const close = text.indexOf(closeValue, from);
  const stop = text.indexOf(openKey, from);
  if (stop >= 0 && (close < 0 || stop < close)) return undefined;
  if (close < 0) return text.length - from > longestBareValue ? undefined : 'cut';
  return close - from > longestBareValue
    ? undefined
    : { text: text.slice(from, close), end: close + closeValue.length };
}

/**
 * Finds the tag that ends a value. The value may itself speak of calls: whole pairs inside it are passed over, and a
 * closing tag counts only where a pair, the call's end or the answer's end follows.
 */
function findValueEnd(text: string, from: number, parameters: Parameters): number {
  let depth = 0;
  valueTags.lastIndex = from;
  for (let found = valueTags.exec(text); found; found = valueTags.exec(text)) {
    if (found[0] !== closeValue) depth += 1;
    else if (depth > 0) depth -= 1;
    else if (isFollowedByStructure(text, valueTags.lastIndex, parameters)) return found.index;
  }
  return -1;
}

function isFollowedByStructure(text: string, start: number, parameters: Parameters): boolean {
  const at = skipSpace(text, start);
  if (at >= text.length || match(text, at, closeTag) !== 'no') return true;
  return readKey(text, at, parameters) !== undefined;
}

function indexOfAny(text: string, from: number, characters: string): number {
  for (let at = from; at < text.length; at += 1) if (characters.includes(text.charAt(at))) return at;
  return -1;
}
