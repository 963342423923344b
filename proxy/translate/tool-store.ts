/** More tools than any client with its MCP servers declares; the oldest are forgotten beyond that. */
const mostTools = 1000;

/**
 * Gives equal tools one identity over requests. An agent declares the same tools in every turn, and they are most of a
 * request: with one identity, what is made of a tool (its schema for the upstream, its JSON text, its token estimate)
 * can be kept in a WeakMap. Comparing costs a fraction of making.
 */
export class ToolStore<Tool extends { name?: string | undefined }> {
  readonly #known = new Map<string, Tool>();

  /**
   * @param tools as they came; must not be changed afterwards
   * @returns the same list, each tool replaced by its equal of an earlier request where there is one
   */
  intern(tools: readonly Tool[]): Tool[] {
    return tools.map((tool) => {
      const name = tool.name ?? '';
      const known = this.#known.get(name);
      if (known !== undefined && isSameJson(known, tool)) return known;
      // Put back at the end: what was not declared for longest goes first.
      this.#known.delete(name);
      this.#known.set(name, tool);
      if (this.#known.size > mostTools) {
        for (const oldest of this.#known.keys()) {
          this.#known.delete(oldest);
          break;
        }
      }
      return tool;
    });
  }
}

/** @returns true where two JSON values have the same fields in the same order: the order shows in the JSON text */
export function isSameJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => isSameJson(item, other[index]));
  }
  if (Array.isArray(other)) return false;
  const keys = Object.keys(one);
  const otherKeys = Object.keys(other);
  if (keys.length !== otherKeys.length) return false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as keyof typeof one;
    if (key !== otherKeys[index] || !isSameJson(one[key], other[key])) return false;
  }
  return true;
}
