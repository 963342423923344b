import type { z } from 'zod';
import { deepestIssue } from '../deepest-issue.ts';

/** What Anthropic calls the types of JSON in its errors. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a valid string',
  number: 'a valid number',
  int: 'a valid integer',
  boolean: 'a valid boolean',
  array: 'a valid list',
  object: 'an object',
};

/**
 * Words one finding of zod as Anthropic's API words it, so that clients and people find what they know.
 * @param issue the finding, with the input that it is about
 * @returns the sentence without the path; undefined leaves zod's own
 */
export function wordIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'Field required';
  switch (issue.code) {
    case 'invalid_type':
      return `Input should be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `Input should be ${issue.values.map((value) => `'${String(value)}'`).join(' or ')}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `String should have at least ${issue.minimum} character`
        : `Input should be greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Input should be less than or equal to ${issue.maximum}`;
    case 'invalid_union':
      return 'Input should be a valid string or list';
    default:
      return undefined;
  }
}

/**
 * @param issues zod's findings, worded by `wordIssue`
 * @returns the one that helps most
 */
export function wordIssues(issues: readonly z.core.$ZodIssue[]): { path: (string | number)[]; message: string } {
  const found = deepestIssue(issues);
  return found ? { path: found.path, message: found.issue.message } : { path: [], message: 'Input is invalid' };
}
