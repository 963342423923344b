/** No real request comes near; what recurses over one (writing JSON, counting tokens) would exhaust the stack. */
export const maxNesting = 200;

/**
 * @param value a JSON value
 * @param levels how many objects and arrays may stand inside one another
 * @returns true where there are more
 */
export function isTooDeep(value: unknown, levels: number = maxNesting): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  // By keys: a list of the values would be made for each object of every request.
  for (const key in value) {
    const inner: unknown = value[key as keyof typeof value];
    if (typeof inner === 'object' && isTooDeep(inner, levels - 1)) return true;
  }
  return false;
}
