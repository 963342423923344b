import type { z } from 'zod';
import { deepestIssue } from '../deepest-issue.ts';

/** What OpenAI calls the types of JSON in its errors. */
const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a decimal',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

/**
 * Words what zod found as OpenAI's API words it, so that clients and people find what they know.
 * @param issues zod's findings, with the input (`reportInput`)
 * @returns the sentence, and the field as OpenAI names it: messages[0].role; undefined for the body itself
 */
export function wordChatIssues(issues: readonly z.core.$ZodIssue[]): { param: string | undefined; message: string } {
  const found = deepestIssue(issues);
  if (!found) return { param: undefined, message: 'The request body is invalid.' };
  const param = found.path.length > 0 ? paramOf(found.path) : undefined;
  return { param, message: wordIssue(found.issue, param) };
}

/** @returns the path of a field in OpenAI's spelling */
export function paramOf(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

function wordIssue(issue: z.core.$ZodIssue, param: string | undefined): string {
  const name = param === undefined ? 'the request body' : `'${param}'`;
  if (issue.code === 'custom') return issue.message;
  if (issue.input === undefined) return `Missing required parameter: ${name}.`;
  switch (issue.code) {
    case 'invalid_type':
      return `Invalid type for ${name}: expected ${typeNameOf(issue.expected)}, but got ${typeOf(issue.input)} instead.`;
    case 'invalid_union': {
      const expected = issue.errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [first.expected] : []));
      const types = [...new Set(expected)].map(typeNameOf).join(' or ');
      return `Invalid type for ${name}: expected one of ${types}, but got ${typeOf(issue.input)} instead.`;
    }
    case 'invalid_value':
      return `Invalid value: '${String(issue.input)}'. Supported values are: ${listOf(issue.values)}.`;
    case 'too_small':
      return issue.origin === 'array' || issue.origin === 'string'
        ? `Invalid ${name}: empty ${issue.origin}. Expected one with minimum length ${issue.minimum}.`
        : `Invalid ${name}: value below minimum. Expected a value >= ${issue.minimum}, but got ${String(issue.input)} instead.`;
    case 'too_big':
      return `Invalid ${name}: value above maximum. Expected a value <= ${issue.maximum}, but got ${String(issue.input)} instead.`;
    default:
      return `Invalid ${name}: ${issue.message}`;
  }
}

function typeNameOf(type: string): string {
  return typeNames[type] ?? type;
}

function typeOf(input: unknown): string {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'an array';
  return typeNameOf(Number.isInteger(input) ? 'int' : typeof input);
}

function listOf(values: readonly unknown[]): string {
  const quoted = values.map((value) => `'${String(value)}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
}
