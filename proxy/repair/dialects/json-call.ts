import { asFields } from '../../openai/chunk.ts';
import { hasRequired, parse, readParameters, takes } from '../argument-values.ts';
import { match, type ReadCall, skipSpace, startsName, type Tools } from './dialect.ts';

/**
 * Finds the end of a JSON object, strings respected. It never mends: what is no strict JSON is no call (failures.md 2,
 * safe condition 5).
 * @param start where its `{` stands
 * @returns the place behind its last brace, or undefined where it is not closed yet
 */
export function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) {
      const end = endOfString(text, at);
      if (end === undefined) return undefined;
      at = end - 1;
    } else if (code === 123) depth += 1;
    else if (code === 125) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** @returns true where the text up to `end` leaves no string open that began behind `start` */
export function isOutsideStrings(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    if (text.charCodeAt(at) !== 34) continue;
    const close = endOfString(text, at);
    if (close === undefined || close > end) return false;
    at = close - 1;
  }
  return true;
}

function endOfString(text: string, start: number): number | undefined {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 92) at += 1;
    else if (code === 34) return at + 1;
  }
  return undefined;
}

const fields = new Set(['name', 'arguments', 'parameters', 'id', 'type']);

/**
 * Reads `{"name": NAME, "arguments": {..}}` (Hermes) or `"parameters"` (Llama); the arguments may be a JSON string
 * (granite, H03).
 * @param text JSON text of one object
 * @returns the call, or undefined where it is none of a declared tool with arguments that its schema names
 */
export function readJsonCall(text: string, tools: Tools): ReadCall | undefined {
  const call = asFields(parse(text));
  if (!call || typeof call.name !== 'string') return undefined;
  if (Object.keys(call).some((key) => !fields.has(key)) || ('arguments' in call && 'parameters' in call))
    return undefined;
  const given = call.arguments ?? call.parameters ?? {};
  const input = asFields(typeof given === 'string' ? parse(given.trim() || '{}') : given);
  return input && checkCall(call.name.trim(), input, tools);
}

/** @returns the call where its name is declared and each key is one of the tool's, else undefined */
export function checkCall(name: string, input: Record<string, unknown>, tools: Tools): ReadCall | undefined {
  const tool = tools.get(name);
  if (!tool) return undefined;
  const parameters = readParameters(tool);
  const keys = Object.keys(input);
  if (!keys.every((key) => takes(parameters, key))) return undefined;
  // A call of nothing where something is required is a mention of the tool's name.
  return keys.length > 0 || hasRequired(parameters, input) ? { name, input } : undefined;
}

/** @returns true where all required arguments are there, which an envelope left open asks for */
export function isComplete(call: ReadCall, tools: Tools): boolean {
  const tool = tools.get(call.name);
  return tool !== undefined && hasRequired(readParameters(tool), call.input);
}

/**
 * Judges an object by its start, so that text is not held longer than needed.
 * @param start where its `{` stands
 * @returns false as soon as the first key is `name` and its value no declared tool's
 */
export function canBeCall(text: string, start: number, tools: Tools): boolean {
  let at = skipSpace(text, start + 1);
  if (at >= text.length) return true;
  const key = match(text, at, '"name"');
  if (key !== 'yes') return key === 'cut' || text.charAt(at) === '"';
  at = skipSpace(text, at + 6);
  if (at < text.length && text.charAt(at) !== ':') return false;
  at = skipSpace(text, at + 1);
  if (at >= text.length) return true;
  if (text.charAt(at) !== '"') return false;
  const close = text.indexOf('"', at + 1);
  if (close < 0) return startsName(text.slice(at + 1).trimStart(), tools.keys());
  return tools.has(text.slice(at + 1, close).trim());
}
