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
  for (const inner of Object.values(value)) if (isTooDeep(inner, levels - 1)) return true;
  return false;
}
