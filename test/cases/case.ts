import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One sample of how an upstream misbehaves, and what a sound gateway makes of it (fields: ../shared/cases/README.md). */
export interface FailureCase {
  id: string;
  title: string;
  class: string;
  tier: 'core' | 'recovery' | 'quality';
  request: Record<string, unknown>;
  stream: boolean;
  upstream: {
    status: number;
    headers: Record<string, string>;
    sse?: string[];
    body?: unknown;
    body_text?: string;
    disconnect?: 'reset';
    transport_error?: boolean;
  };
  chunking?: number[];
  expect?: Expectation;
  expect_any?: Expectation[];
}

export interface ExpectedBlock {
  type: 'text' | 'thinking' | 'tool_use';
  text?: string;
  thinking?: string;
  match?: 'exact' | 'trim' | 'contains' | 'starts_with' | 'any_nonempty';
  name?: string;
  input?: unknown;
  input_any?: boolean;
  partial?: boolean;
}

export interface Expectation {
  terminal: 'message_stop' | 'error_event' | 'http_error';
  http_status?: number;
  http_status_any?: number[];
  error_type?: string;
  error_type_any?: string[];
  error_message_contains?: string[];
  stop_reason?: string;
  stop_sequence?: string | null;
  strict_whitespace?: boolean;
  blocks?: ExpectedBlock[];
  blocks_unchecked?: boolean;
  forbid_tool_use?: boolean;
  must_contain?: string[];
  must_not_contain?: string[];
  usage?: Record<string, number>;
}

const folder = path.join(import.meta.dirname, '../fixtures/cases');

/** @returns all samples, by id */
export async function readCases(): Promise<FailureCase[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(path.join(folder, name), 'utf8')) as FailureCase),
  );
}
