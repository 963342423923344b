/** Finds a value for a named property; undefined leaves it to its schema. */
export type Suggest = (property: string) => string | undefined;

type Schema = Readonly<Record<string, unknown>>;

const deepest = 8;
const filler = '[demo] simulated value';

/**
 * Makes a value that fits a JSON schema, as plain as may be: required properties only, first choices, least numbers.
 * @param suggest knows better values for properties by their names
 */
export function exampleValue(schema: unknown, suggest: Suggest): unknown {
  return exampleOf(schema, schema, suggest, 0);
}

function exampleOf(schema: unknown, root: unknown, suggest: Suggest, depth: number): unknown {
  if (!isSchema(schema) || depth > deepest) return filler;
  if ('const' in schema) return schema.const;
  for (const values of [schema.enum, schema.examples]) if (Array.isArray(values) && values.length > 0) return values[0];
  if ('default' in schema) return schema.default;
  if (typeof schema.$ref === 'string') return exampleOf(followReference(schema.$ref, root), root, suggest, depth + 1);
  for (const choices of [schema.anyOf, schema.oneOf])
    if (Array.isArray(choices) && choices.length > 0) return exampleOf(choices[0], root, suggest, depth + 1);
  switch (typeOf(schema)) {
    case 'object':
      return exampleObject(schema, root, suggest, depth);
    case 'array': {
      const least = typeof schema.minItems === 'number' ? Math.min(schema.minItems, deepest) : 0;
      return Array.from({ length: least }, () => exampleOf(schema.items, root, suggest, depth + 1));
    }
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return false;
    case 'null':
      return null;
    default:
      return filler;
  }
}

function exampleObject(schema: Schema, root: unknown, suggest: Suggest, depth: number): unknown {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.includes(name))
      .map(([name, property]) => {
        const suggested = suggest(name);
        const takesText = isSchema(property) && typeOf(property) === 'string' && !('enum' in property);
        return [name, suggested !== undefined && takesText ? suggested : exampleOf(property, root, suggest, depth + 1)];
      }),
  );
}

function typeOf(schema: Schema): unknown {
  if (Array.isArray(schema.type)) return schema.type[0];
  return schema.type ?? (isSchema(schema.properties) ? 'object' : 'string');
}

/** Follows `#/$defs/NAME` and its like within the schema. */
function followReference(reference: string, root: unknown): unknown {
  let found = root;
  for (const step of reference.replace(/^#\/?/, '').split('/')) found = isSchema(found) ? found[step] : undefined;
  return found;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
