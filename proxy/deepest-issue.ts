import type { z } from 'zod';

export interface Finding {
  /** From the root of what was parsed. */
  path: (string | number)[];
  issue: z.core.$ZodIssue;
}

/**
 * Picks the one finding that helps most. Of a union (a string or blocks) that is the one in the branch which got furthest
 * in; the union itself where none got anywhere.
 * @param issues zod's findings
 * @returns undefined where there are none
 */
export function deepestIssue(issues: readonly z.core.$ZodIssue[]): Finding | undefined {
  const [issue] = issues;
  if (!issue) return undefined;
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code !== 'invalid_union') return { path, issue };
  let deepest: Finding | undefined;
  for (const branch of issue.errors) {
    const found = deepestIssue(branch);
    if (found && found.path.length > (deepest?.path.length ?? 0)) deepest = found;
  }
  return deepest ? { path: [...path, ...deepest.path], issue: deepest.issue } : { path, issue };
}
