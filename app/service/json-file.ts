import { chmod, readFile, stat } from 'node:fs/promises';
import type { z } from 'zod';
import { codeOf } from './refusal.ts';

export type Parsed = { value: unknown } | { problem: string };

/** @returns the file's text, or undefined where there is no such file; other failures are thrown as Node gives them */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Parses JSON, with a byte order mark before it or not. The problem names the place only: V8's own message quotes the
 * text, and keys.json holds keys.
 */
export function parseJson(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return { value };
  } catch (error) {
    const place = error instanceof Error ? /line \d+ column \d+/.exec(error.message)?.[0] : undefined;
    return { problem: place === undefined ? 'it is not valid JSON' : `it is not valid JSON (${place})` };
  }
}

/** @returns the first issue in words: where, and what is wanted there. Zod's messages never quote the value. */
export function describeIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'it does not fit the schema';
  const where = issue.path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`))
    .join('');
  const others = error.issues.length > 1 ? ` (and ${error.issues.length - 1} more)` : '';
  return `${where === '' ? 'the whole' : where}: ${issue.message}${others}`;
}

/**
 * Takes the file from group and others where they may open it. Windows keeps no such modes: a file in the user's own
 * profile is the user's there.
 * @returns true where the mode had to be changed
 */
export async function tighten(file: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return false;
  await chmod(file, 0o600);
  return true;
}
