import { isObject } from '../../anthropic/blocks.ts';

export type Schema = Readonly<Record<string, unknown>>;

/** Deeper than any tool's schema (translate/tool-schema.ts). */
const deepest = 64;

/** Keywords that hold schemas; in all others stands data, which is never touched. */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const schemas = new Set(['items', 'additionalProperties', 'contains', 'not', 'if', 'then', 'else', 'propertyNames']);

/**
 * Rewrites the descriptions in a JSON schema and nothing else: names, types, enums and what is required are left alone.
 * @param map gives a description's new text
 * @returns the same schema where each description stayed what it was
 */
export function mapDescriptions(schema: Schema, map: (text: string) => string): Schema {
  return mapSchema(schema, 0, map);
}

function mapSchema(schema: Schema, depth: number, map: (text: string) => string): Schema {
  if (depth > deepest) return schema;
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => [
    keyword,
    mapKeyword(keyword, value, depth, map),
  ]);
  return entries.some(([keyword, value]) => value !== schema[keyword]) ? Object.fromEntries(entries) : schema;
}

function mapKeyword(keyword: string, value: unknown, depth: number, map: (text: string) => string): unknown {
  if (keyword === 'description' && typeof value === 'string') return map(value);
  const inner = (each: unknown): unknown => (isObject(each) ? mapSchema(each, depth + 1, map) : each);
  if (schemas.has(keyword)) return inner(value);
  if (schemaLists.has(keyword) && Array.isArray(value)) {
    const mapped = value.map(inner);
    return mapped.some((each, index) => each !== value[index]) ? mapped : value;
  }
  if (!schemaMaps.has(keyword) || !isObject(value)) return value;
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, inner(each)]);
  return entries.some(([name, each]) => each !== value[name]) ? Object.fromEntries(entries) : value;
}
