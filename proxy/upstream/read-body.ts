import type { IncomingHttpHeaders } from 'node:http';
import type { AnswerBody } from './answer-handler.ts';

const bodyLimit = 4 * 1024 * 1024;
const textLimit = 64 * 1024;

/**
 * Reads the body of a short answer: a list, a description, a refusal.
 * @returns the body parsed where it is JSON, else its text; only the first part of a large one is read
 */
export async function readBody(body: AnswerBody): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const batch of body) {
    pieces.push(...batch);
    for (const bytes of batch) size += bytes.length;
    if (size > bodyLimit) break;
  }
  const text = Buffer.concat(pieces).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, textLimit);
  }
}

/**
 * `Retry-After` in seconds or as a date (RFC 9110 10.2.3).
 * @returns whole seconds, undefined where there is none to read
 */
export function readRetryAfter(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds) && seconds >= 0) return Math.min(Math.ceil(seconds), 3600);
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
