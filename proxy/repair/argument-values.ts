import { asFields, type Fields } from '../openai/chunk.ts';
import type { DeclaredTool } from './repair.ts';

/** What a tool's schema says of its arguments; read once for each call. */
export interface Parameters {
  properties: ReadonlyMap<string, unknown>;
  required: readonly string[];
  /** True where the schema takes keys that it does not name. */
  isOpen: boolean;
}

/**
 * Reads a schema's properties, those behind local `$ref`, `allOf`, `anyOf` and `oneOf` included.
 * @param tool as the client declared it
 */
export function readParameters(tool: DeclaredTool): Parameters {
  const properties = new Map<string, unknown>();
  const required = new Set<string>();
  let isOpen = false;
  const visit = (schema: unknown, isSure: boolean, depth: number): void => {
    const fields = resolve(schema, tool.schema);
    if (!fields || depth > 4) return;
    for (const [key, value] of Object.entries(asFields(fields.properties) ?? {})) properties.set(key, value);
    if (isSure && Array.isArray(fields.required))
      for (const key of fields.required) if (typeof key === 'string') required.add(key);
    if (
      fields.additionalProperties === true ||
      asFields(fields.additionalProperties) ||
      asFields(fields.patternProperties)
    )
      isOpen = true;
    for (const part of listOf(fields.allOf)) visit(part, isSure, depth + 1);
    for (const part of [...listOf(fields.anyOf), ...listOf(fields.oneOf)]) visit(part, false, depth + 1);
  };
  visit(tool.schema, true, 0);
  isOpen ||= properties.size === 0 && asFields(tool.schema.properties) === undefined;
  return { properties, required: [...required], isOpen };
}

/** @returns true where the tool takes an argument of this name (failures.md 2, safe condition 6) */
export function takes(parameters: Parameters, key: string): boolean {
  return parameters.properties.has(key) || (parameters.isOpen && key !== '');
}

/** @returns true where all required arguments are there */
export function hasRequired(parameters: Parameters, input: Fields): boolean {
  return parameters.required.every((key) => Object.hasOwn(input, key));
}

/**
 * Makes a value of what a dialect wrote as text: a string stays as it is to the byte, other types are JSON, and what is
 * no JSON stays a string (failures.md 2, "Values").
 * @param text the raw text between the tags
 * @param key the argument's name
 * @param tool whose schema declares it; an argument without a type is a string
 */
export function readValue(text: string, key: string, parameters: Parameters, tool: DeclaredTool): unknown {
  const types = typesOf(parameters.properties.get(key), tool.schema, 0);
  if (types.size === 0 || (types.size === 1 && types.has('string'))) return text;
  const value = parse(text.trim());
  if (value === undefined) return text;
  // Of one type there is no doubt what was meant; the tool itself judges 5.5 for an integer.
  if (types.size === 1) return value;
  return types.has(typeOf(value)) || (typeOf(value) === 'integer' && types.has('number')) ? value : text;
}

/** @returns the parsed text, or undefined where it is no strict JSON (which has no undefined) */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** The types that a schema allows; empty where it does not say. Any alternative that does not say makes it a string. */
function typesOf(schema: unknown, root: Readonly<Fields>, depth: number): Set<string> {
  const fields = resolve(schema, root);
  if (!fields || depth > 4) return new Set();
  const alternatives = [...listOf(fields.anyOf), ...listOf(fields.oneOf)];
  if (alternatives.length > 0) return unite(alternatives.map((part) => typesOf(part, root, depth + 1)));
  if (typeof fields.type === 'string') return new Set([fields.type]);
  if (Array.isArray(fields.type)) return new Set(fields.type.filter((type) => typeof type === 'string'));
  const values = 'const' in fields ? [fields.const] : listOf(fields.enum);
  if (values.length > 0) return new Set(values.map(typeOf));
  const parts = listOf(fields.allOf)
    .map((part) => typesOf(part, root, depth + 1))
    .filter((types) => types.size > 0);
  if (parts[0]) return parts[0];
  if (asFields(fields.properties)) return new Set(['object']);
  return fields.items === undefined ? new Set() : new Set(['array']);
}

function unite(sets: Set<string>[]): Set<string> {
  return new Set(sets.flatMap((types) => (types.size === 0 ? ['string'] : [...types])));
}

/** Follows `$ref` inside the same schema. */
function resolve(schema: unknown, root: Readonly<Fields>): Readonly<Fields> | undefined {
  let fields = asFields(schema);
  for (let hops = 0; fields && typeof fields.$ref === 'string' && hops < 8; hops += 1) {
    if (!fields.$ref.startsWith('#/')) return undefined;
    let target: unknown = root;
    for (const step of fields.$ref.slice(2).split('/')) {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const inside = asFields(target);
      target = inside && Object.hasOwn(inside, key) ? inside[key] : undefined;
    }
    fields = asFields(target);
  }
  return fields;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
