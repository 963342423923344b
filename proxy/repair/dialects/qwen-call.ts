import type { FinishReason } from '../../part.ts';
import { hasRequired, type Parameters, readParameters, readValue, takes } from '../argument-values.ts';
import { endedSoundly, isWord, match, type Reading, skipSpace, startsName, type Tools, wait } from './dialect.ts';
import { endOfObject, readJsonCall } from './json-call.ts';

const opener = '<function=';
const closer = '</function>';
const openParameter = '<parameter=';
const closeParameter = '</parameter>';
const closeTag = '</tool_call>';

/**
 * Reads Qwen3-Coder's dialect, `<function=NAME><parameter=K>V</parameter></function>`, and Llama's with the same opener,
 * `<function=NAME>{json}</function>`. The `</tool_call>` behind it, orphan or not, is dropped as an orphan tag.
 * @param text the text from its first opener on
 * @param start where `<function=` stands
 */
export function readQwenCall(text: string, start: number, tools: Tools, ending: FinishReason | undefined): Reading {
  const nameStart = start + opener.length;
  const close = text.indexOf('>', nameStart);
  const name = text.slice(nameStart, close < 0 ? text.length : close).trim();
  const nothing: Reading = { kind: 'text', length: nameStart };
  if (close < 0)
    return (name === '' || isWord(name) || startsName(name, tools.keys())) && ending === undefined
      ? { kind: 'more' }
      : nothing;
  const at = skipSpace(text, close + 1);
  const tool = tools.get(name);
  if (!tool) return refuse(text, at, name, close, ending) ?? nothing;
  if (at >= text.length) return wait(text, ending);
  if (text.charAt(at) === '{') return readObject(text, at, name, tools, ending);
  const parameters = readParameters(tool);
  const input = new Map<string, unknown>();
  const read = readArguments(text, at, parameters, endedSoundly(ending), (key, value) =>
    input.set(key, readValue(value, key, parameters, tool)),
  );
  const values = Object.fromEntries(input);
  const isWhole = hasRequired(parameters, values);
  if (read.state === 'open' && read.end >= text.length && endedSoundly(ending) && input.size > 0 && isWhole)
    return { kind: 'calls', repair: 'qwen-call', calls: [{ name, input: values }], length: text.length };
  if (read.state === 'open') return wait(text, ending, read.end === at ? undefined : '>');
  if (read.state === 'broken')
    return input.size === 0 && read.end === at ? nothing : { kind: 'text', length: read.end, until: closer };
  if (input.size === 0 && !isWhole) return { kind: 'text', length: read.end };
  return { kind: 'calls', repair: 'qwen-call', calls: [{ name, input: values }], length: read.end };
}

/** An undeclared tool's arguments may hold anything, calls of declared tools too: they pass as a whole. */
function refuse(
  text: string,
  at: number,
  name: string,
  close: number,
  ending: FinishReason | undefined,
): Reading | undefined {
  if (!isWord(name)) return undefined;
  const found = match(text, at, openParameter);
  if (found === 'yes') return { kind: 'text', length: close + 1, until: closer };
  return found === 'cut' && ending === undefined ? { kind: 'more' } : undefined;
}

function readObject(
  text: string,
  start: number,
  name: string,
  tools: Tools,
  ending: FinishReason | undefined,
): Reading {
  const end = endOfObject(text, start);
  if (end === undefined) return wait(text, ending, '}');
  const call = readJsonCall(`{"name":${JSON.stringify(name)},"arguments":${text.slice(start, end)}}`, tools);
  const at = skipSpace(text, end);
  const close = match(text, at, closer);
  if (!call || (close === 'no' && at < text.length)) return { kind: 'text', length: end, until: closer };
  if (close !== 'yes') return wait(text, ending, '>');
  return { kind: 'calls', repair: 'llama-call', calls: [call], length: at + closer.length };
}

interface ReadArguments {
  /** `open`: more has to come; `broken`: what stands at `end` has no place in a call. */
  state: 'closed' | 'open' | 'broken';
  end: number;
}

function readArguments(
  text: string,
  start: number,
  parameters: Parameters,
  isEnd: boolean,
  give: (key: string, value: string) => void,
): ReadArguments {
  const seen = new Set<string>();
  let at = start;
  for (;;) {
    at = skipSpace(text, at);
    if (at >= text.length) return { state: 'open', end: at };
    const close = match(text, at, closer);
    if (close === 'yes') return { state: 'closed', end: at + closer.length };
    // The outer tag closes too, behind arguments that are closed.
    const outer = seen.size > 0 ? match(text, at, closeTag) : 'no';
    if (outer === 'yes') return { state: 'closed', end: at + closeTag.length };
    const open = match(text, at, openParameter);
    if (open === 'no') return { state: close === 'no' && outer === 'no' ? 'broken' : 'open', end: at };
    if (open === 'cut') return { state: 'open', end: at };
    const keyEnd = text.indexOf('>', at);
    const key = text.slice(at + openParameter.length, keyEnd < 0 ? text.length : keyEnd).trim();
    if (keyEnd < 0) {
      const canBeKey = parameters.isOpen ? key.length < 64 : startsName(key, parameters.properties.keys());
      return { state: canBeKey ? 'open' : 'broken', end: at };
    }
    if (!takes(parameters, key)) return { state: 'broken', end: at };
    seen.add(key);
    const value = findValueEnd(text, keyEnd + 1, seen, parameters, isEnd);
    // Not the text's end, so that a value that stays open never counts as a closed argument.
    if (!value) return { state: 'open', end: at };
    give(key, trimNewlines(text.slice(keyEnd + 1, value.end)));
    at = value.next;
  }
}

/** Exactly one newline at each end belongs to the dialect (failures.md 2, "Values"). */
function trimNewlines(value: string): string {
  const from = value.startsWith('\r\n') ? 2 : value.startsWith('\n') ? 1 : 0;
  const rest = value.slice(from);
  return rest.endsWith('\r\n') ? rest.slice(0, -2) : rest.endsWith('\n') ? rest.slice(0, -1) : rest;
}

const tags = /<function=[\w.:-]+>\s*<parameter=|<parameter=([^>\n]*)>|<\/parameter>|<\/function>/g;

/**
 * Finds the end of a value, which may itself speak of calls: a whole `<function=..>` inside it is passed over, and
 * `</parameter>` counts only where another tag of the call follows. Where the tag is missing, another parameter on a line
 * of its own ends the value, or both outer tags do, or the outer tag at the answer's end (Qwen's own parser reads it so).
 * @returns where the value ends and where to read on; undefined while it is open
 */
function findValueEnd(
  text: string,
  from: number,
  seen: ReadonlySet<string>,
  parameters: Parameters,
  isEnd: boolean,
): { end: number; next: number } | undefined {
  let depth = 0;
  tags.lastIndex = from;
  for (let found = tags.exec(text); found; found = tags.exec(text)) {
    const tag = found[0];
    const after = found.index + tag.length;
    if (tag.startsWith(opener)) depth += 1;
    else if (depth > 0) depth -= tag === closer ? 1 : 0;
    else if (tag === closeParameter) {
      if (isFollowedByStructure(text, after)) return { end: found.index, next: after };
    } else if (text.charAt(found.index - 1) !== '\n') continue;
    else if (tag === closer) {
      const next = skipSpace(text, after);
      if (match(text, next, closeTag) === 'yes' || (isEnd && next >= text.length))
        return { end: found.index, next: found.index };
    } else {
      const key = (found[1] ?? '').trim();
      if (parameters.properties.has(key) && !seen.has(key)) return { end: found.index, next: found.index };
    }
  }
  return undefined;
}

function isFollowedByStructure(text: string, start: number): boolean {
  const at = skipSpace(text, start);
  if (at >= text.length) return true;
  return [openParameter, closer, closeTag].some((tag) => match(text, at, tag) !== 'no');
}
