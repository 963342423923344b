import { isObject } from '../anthropic/blocks.ts';
import { inlineRootReference, rootProperties } from './schema-root.ts';

export type Schema = Record<string, unknown>;

/** Deeper than any tool's schema; a hostile one must not exhaust the stack, here or where the body is written. */
const maxDepth = 64;

/** Formats that strict servers know (OpenAI's structured outputs guide); others make them refuse the whole request. */
const knownFormats = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']);

/** Keywords by what they hold, so that data (default, examples, enum) is never taken for a schema. */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const schemaLists = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);
const schemas = new Set([
  'items',
  'contains',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'additionalProperties',
  'additionalItems',
  'unevaluatedProperties',
  'unevaluatedItems',
]);
/** Where `true` and `false` are widely understood and `{}` less so. */
const booleanAllowed = new Set(['additionalProperties', 'unevaluatedProperties', 'unevaluatedItems']);
/** Say nothing about a value, and strict servers refuse or try to fetch them. */
const dropped = new Set(['$schema', '$id', '$comment', '$anchor', '$vocabulary']);
/** The only keywords whose value may rightly be null. */
const nullable = new Set(['default', 'const']);

/**
 * Makes a tool's input_schema one that OpenAI-like servers take, with the same meaning: an object at the root that
 * has `properties`, without draft-specific spellings.
 * @param schema what the client declared; anything but an object stands for "any arguments"
 */
export function parametersSchema(schema: unknown): Schema {
  if (!isObject(schema)) return { type: 'object', properties: {} };
  const root = inlineRootReference(portableSchema(schema));
  // Arguments are always an object, so a root of several types or of none means just that.
  return { ...root, type: 'object', properties: rootProperties(root) };
}

/**
 * The same for a schema in any place: structured outputs, and what stands inside a tool's schema.
 * @returns a new schema; the client's own is not touched
 */
export function portableSchema(schema: Schema, depth = 0): Schema {
  if (depth > maxDepth) return {};
  const entries: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (dropped.has(keyword) || (value === null && !nullable.has(keyword))) continue;
    if (keyword === 'const') entries.push(['enum', [value]]);
    else entries.push([keyword, portableValue(keyword, value, depth)]);
  }
  // fromEntries defines own fields: a property named __proto__ stays a property.
  return mendKeywords(Object.fromEntries(entries));
}

function portableValue(keyword: string, value: unknown, depth: number): unknown {
  if (schemaMaps.has(keyword))
    return isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, subschema(inner, depth)]))
      : {};
  if (schemaLists.has(keyword)) return Array.isArray(value) ? value.map((inner) => subschema(inner, depth)) : [];
  if (keyword === 'items' && Array.isArray(value)) return value.map((inner) => subschema(inner, depth));
  if (schemas.has(keyword)) {
    if (typeof value === 'boolean' && booleanAllowed.has(keyword)) return value;
    return subschema(value, depth);
  }
  return value;
}

/** `true` allows everything, as `{}` does; `false` allows nothing. */
function subschema(value: unknown, depth: number): Schema {
  if (value === false) return { not: {} };
  return isObject(value) ? portableSchema(value, depth + 1) : {};
}

/** Respells keywords of one schema, which is already a copy. */
function mendKeywords(schema: Schema): Schema {
  mendExclusive(schema, 'exclusiveMinimum', 'minimum');
  mendExclusive(schema, 'exclusiveMaximum', 'maximum');
  mendTuple(schema);
  mendRequired(schema);
  mendFormat(schema);
  const arrayLike = schema.type === 'array' || (Array.isArray(schema.type) && schema.type.includes('array'));
  if (arrayLike && schema.items === undefined) schema.items = {};
  for (const keyword of schemaLists)
    if (Array.isArray(schema[keyword]) && schema[keyword].length === 0) delete schema[keyword];
  return schema;
}

/** Draft 4 wrote `minimum: 1, exclusiveMinimum: true` for what is `exclusiveMinimum: 1` since. */
function mendExclusive(schema: Schema, exclusive: string, inclusive: string): void {
  if (typeof schema[exclusive] !== 'boolean') return;
  if (schema[exclusive] && typeof schema[inclusive] === 'number') {
    schema[exclusive] = schema[inclusive];
    delete schema[inclusive];
  } else delete schema[exclusive];
}

/** Drafts before 2020-12 wrote a tuple as `items: [...]`, with `additionalItems` for the rest. */
function mendTuple(schema: Schema): void {
  const { items, additionalItems } = schema;
  if (Array.isArray(items)) {
    if (items.length > 0) schema.prefixItems = items;
    schema.items = additionalItems ?? {};
  }
  delete schema.additionalItems;
}

/** Strict servers refuse a required name that is no property. Beside combinators it may be declared in a branch. */
function mendRequired(schema: Schema): void {
  const { required, properties } = schema;
  if (required === undefined) return;
  const elsewhere = ['anyOf', 'oneOf', 'allOf', '$ref', 'patternProperties', 'if'].some((keyword) => keyword in schema);
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  const known = isObject(properties) && !elsewhere ? names.filter((name) => Object.hasOwn(properties, name)) : names;
  if (known.length > 0) schema.required = [...new Set(known)];
  else delete schema.required;
}

/** A format is a remark and checks nothing, so it can move to where the model reads it too. */
function mendFormat(schema: Schema): void {
  const { format, description } = schema;
  if (format === undefined || (typeof format === 'string' && knownFormats.has(format))) return;
  delete schema.format;
  if (typeof format !== 'string') return;
  schema.description = typeof description === 'string' ? `${description} (format: ${format})` : `format: ${format}`;
}
