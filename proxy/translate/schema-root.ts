import { isObject } from '../anthropic/blocks.ts';

type Schema = Record<string, unknown>;

/** References of references: a longer chain is a circle. */
const maxHops = 8;

/**
 * Puts what a root `$ref` points to in its place: generators that name every type write the root so, and servers want
 * to see an object there. `$defs` stay, for references further down.
 */
export function inlineRootReference(root: Schema): Schema {
  let schema = root;
  for (let hops = 0; typeof schema.$ref === 'string' && hops < maxHops; hops += 1) {
    const target = resolve(schema.$ref, root);
    if (!isObject(target)) return schema;
    const { $ref: _followed, ...rest } = schema;
    schema = { ...target, ...rest };
  }
  return schema;
}

/**
 * The properties of a tool's root schema, wherever they stand. Chat templates (Qwen3-Coder's) and strict servers look
 * at `properties` alone, so what stands in branches is shown there too; the root keeps its branches, which say the rest.
 */
export function rootProperties(root: Schema): Schema {
  const variants = new Map<string, unknown[]>();
  collect(root, root, { variants, seen: new Set() }, 0);
  return Object.fromEntries([...variants].map(([name, schemas]) => [name, unite(schemas)]));
}

function unite(schemas: readonly unknown[]): unknown {
  if (schemas.length === 1) return schemas[0];
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  return distinct.length === 1 ? distinct[0] : { anyOf: distinct };
}

interface Found {
  variants: Map<string, unknown[]>;
  /** Schemas may refer to themselves and to one another. */
  seen: Set<unknown>;
}

function collect(schema: unknown, root: Schema, found: Found, hops: number): void {
  if (!isObject(schema) || found.seen.has(schema) || hops > maxHops) return;
  found.seen.add(schema);
  if (isObject(schema.properties))
    for (const [name, property] of Object.entries(schema.properties)) {
      const known = found.variants.get(name);
      if (known) known.push(property);
      else found.variants.set(name, [property]);
    }
  if (typeof schema.$ref === 'string') collect(resolve(schema.$ref, root), root, found, hops + 1);
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const branches = schema[keyword];
    if (Array.isArray(branches)) for (const branch of branches) collect(branch, root, found, hops + 1);
  }
}

/** Follows a JSON pointer within the same schema; other references can't be followed here. */
function resolve(reference: string, root: Schema): unknown {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let found: unknown = root;
  for (const step of reference.slice(2).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}
