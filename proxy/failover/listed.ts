/** Model ids by upstream id, in the upstreams' own order. An upstream whose list is not known yet is absent. */
export type ListedModels = ReadonlyMap<string, readonly string[]>;

/** Lists are replaced, never changed, so an index lives as long as its list does. */
const indices = new WeakMap<readonly string[], Map<string, string>>();

/**
 * Looks an id up, whatever its case.
 * @returns the id as the upstream writes it, or undefined
 */
export function spellingIn(list: readonly string[], id: string): string | undefined {
  let index = indices.get(list);
  if (index === undefined) {
    index = new Map();
    for (const listed of list) if (!index.has(listed.toLowerCase())) index.set(listed.toLowerCase(), listed);
    indices.set(list, index);
  }
  return index.get(id.toLowerCase());
}

/**
 * @param forms forms of the asked name, the one to prefer first
 * @returns the first upstream, in the lists' order, that offers the name, and the id as it writes it
 */
export function findListed(
  forms: readonly string[],
  listed: ListedModels,
): { upstream: string; model: string } | undefined {
  for (const form of forms)
    for (const [upstream, list] of listed) {
      const model = spellingIn(list, form);
      if (model !== undefined) return { upstream, model };
    }
  return undefined;
}
