import { asFields } from '../openai/chunk.ts';
import type { DeclaredTool, RepairNotes } from './repair.ts';

/**
 * Mends the types of a call's arguments where the schema leaves no doubt: "5" for an integer, "true" for a boolean, a
 * JSON string for an object or an array, 5 for a string. What does not fit otherwise stays as the model wrote it, for the tool to
 * judge. Works on the top level only: that is where models write values as text.
 * @param text JSON text of an object
 * @param tool the declared tool, undefined where the name is not declared
 * @param fromText the values were read from text, so that a change is part of that repair and not one of its own
 * @returns the same text where nothing was to mend, else new JSON text
 */
export function mendArgumentTypes(
  text: string,
  tool: DeclaredTool | undefined,
  notes: RepairNotes,
  fromText = false,
): string {
  const properties = asFields(tool?.schema.properties);
  if (!properties) return text;
  const values = asFields(JSON.parse(text));
  if (!values) return text;
  let changed = false;
  for (const [key, value] of Object.entries(values)) {
    const types = typesOf(properties[key]);
    const mended = typeof value === 'string' ? readValue(value, types) : writeValue(value, types);
    if (mended === undefined) continue;
    values[key] = mended;
    changed = true;
  }
  if (!changed) return text;
  const result = JSON.stringify(values);
  if (!fromText) notes.add('argument-types', text, result);
  return result;
}

/** JSON schema types that a value may have; empty where the schema does not say, or says it in a way we don't read. */
function typesOf(schema: unknown): ReadonlySet<string> {
  const fields = asFields(schema);
  if (!fields) return new Set();
  const alternatives = fields.anyOf ?? fields.oneOf;
  if (Array.isArray(alternatives)) {
    const found = new Set<string>();
    for (const alternative of alternatives) {
      const types = typesOf(alternative);
      if (types.size === 0) return new Set();
      for (const type of types) found.add(type);
    }
    return found;
  }
  const type = fields.type;
  if (typeof type === 'string') return new Set([type]);
  return new Set(Array.isArray(type) ? type.filter((name): name is string => typeof name === 'string') : []);
}

/** @returns a number or boolean as the text that alone is allowed in its place, or undefined to leave it */
function writeValue(value: unknown, types: ReadonlySet<string>): string | undefined {
  if (types.size !== 1 || !types.has('string')) return undefined;
  // A larger integer has lost digits already.
  const isExact =
    typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER);
  return isExact ? String(value) : undefined;
}

/** @returns the value in the one type that it can mean, or undefined to leave it */
function readValue(text: string, types: ReadonlySet<string>): unknown {
  if (types.size === 0 || types.has('string')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.trim());
  } catch {
    // Python's spelling, from models that write code.
    value = { True: true, False: false, None: null }[text.trim()];
    if (value === undefined) return undefined;
  }
  return [...types].some((type) => fits(value, type)) ? value : undefined;
}

function fits(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return asFields(value) !== undefined;
    default:
      return false;
  }
}
