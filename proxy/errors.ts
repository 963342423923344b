/**
 * One error class with a literal kind. Kinds, not prototypes, cross process borders (structured clone drops
 * prototypes) and key the translations of the UI. What a kind means on the wire stands in one table below.
 */
export class StrelkaError extends Error {
  readonly kind: ErrorKind;
  readonly detail: ErrorDetail;

  /**
   * @param kind what went wrong, as a literal
   * @param message one sentence for a person: what happened and what to do. Clients show it verbatim.
   * @param detail facts for the wire and the log
   */
  constructor(kind: ErrorKind, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'StrelkaError';
    this.kind = kind;
    this.detail = detail;
  }
}

export interface ErrorDetail {
  /** HTTP status that the upstream answered with. */
  upstreamStatus?: number;
  /** Seconds to wait, from the upstream's Retry-After or our own queue. */
  retryAfter?: number;
  /** The field of the request that is at fault, as OpenAI's errors name it: messages[0].role */
  param?: string;
  cause?: unknown;
}

interface WireForm {
  status: number;
  /** Anthropic's error.type (protocol.md 1.8 and 2). */
  type: AnthropicErrorType;
  /** OpenAI's error.type. */
  openaiType: string;
  /** `x-should-retry`: absent leaves it to the client's own rules. */
  shouldRetry?: boolean;
}

export type AnthropicErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'billing_error'
  | 'permission_error'
  | 'not_found_error'
  | 'request_too_large'
  | 'rate_limit_error'
  | 'api_error'
  | 'timeout_error'
  | 'overloaded_error';

/**
 * Kind -> what the client sees (protocol.md 1.7, 1.8). A retry is forbidden where asking the same again can't help:
 * Claude Code otherwise retries a 401 for three minutes.
 */
export const wireForms = {
  // The client's doing.
  'invalid-json': { status: 400, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'invalid-request': { status: 400, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'unsupported-tool': { status: 400, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'unsupported-content': { status: 400, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'prompt-too-long': { status: 400, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'body-too-large': { status: 413, type: 'request_too_large', openaiType: 'invalid_request_error' },
  'unknown-path': { status: 404, type: 'not_found_error', openaiType: 'invalid_request_error' },
  'wrong-method': { status: 405, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'slow-request': { status: 408, type: 'timeout_error', openaiType: 'invalid_request_error', shouldRetry: false },
  'wrong-client-key': {
    status: 401,
    type: 'authentication_error',
    openaiType: 'invalid_request_error',
    shouldRetry: false,
  },
  'foreign-host': { status: 403, type: 'permission_error', openaiType: 'invalid_request_error' },
  'foreign-origin': { status: 403, type: 'permission_error', openaiType: 'invalid_request_error' },
  'client-left': { status: 499, type: 'api_error', openaiType: 'server_error' },
  // The upstream's doing, or the way to it.
  'upstream-key-missing': {
    status: 401,
    type: 'authentication_error',
    openaiType: 'invalid_request_error',
    shouldRetry: false,
  },
  'upstream-key-refused': {
    status: 401,
    type: 'authentication_error',
    openaiType: 'invalid_request_error',
    shouldRetry: false,
  },
  'upstream-forbidden': { status: 403, type: 'permission_error', openaiType: 'invalid_request_error' },
  'balance-empty': { status: 429, type: 'billing_error', openaiType: 'insufficient_quota', shouldRetry: false },
  'model-missing': {
    status: 404,
    type: 'not_found_error',
    openaiType: 'invalid_request_error',
    shouldRetry: false,
  },
  'upstream-refused-request': { status: 400, type: 'invalid_request_error', openaiType: 'invalid_request_error' },
  'rate-limited': { status: 429, type: 'rate_limit_error', openaiType: 'rate_limit_error' },
  overloaded: { status: 529, type: 'overloaded_error', openaiType: 'server_error' },
  'upstream-failed': { status: 502, type: 'api_error', openaiType: 'server_error' },
  'upstream-unreachable': { status: 502, type: 'api_error', openaiType: 'server_error' },
  'upstream-timeout': { status: 504, type: 'timeout_error', openaiType: 'server_error' },
  'stream-broken': { status: 502, type: 'api_error', openaiType: 'server_error' },
  'answer-unreadable': { status: 502, type: 'api_error', openaiType: 'server_error' },
  'answer-empty': { status: 502, type: 'api_error', openaiType: 'server_error' },
  'tool-call-broken': { status: 502, type: 'api_error', openaiType: 'server_error' },
  // Ours.
  'no-target': { status: 503, type: 'api_error', openaiType: 'server_error', shouldRetry: false },
  draining: { status: 529, type: 'overloaded_error', openaiType: 'server_error' },
  'settings-unusable': { status: 500, type: 'api_error', openaiType: 'server_error' },
  internal: { status: 500, type: 'api_error', openaiType: 'server_error' },
} as const satisfies Record<string, WireForm>;

export type ErrorKind = keyof typeof wireForms;

/** @returns how the kind looks on the wire: HTTP status, error types, and whether a retry is forbidden */
export function wireFormOf(kind: ErrorKind): WireForm {
  return wireForms[kind];
}

const transient: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'rate-limited',
  'overloaded',
  'upstream-failed',
  'upstream-unreachable',
  'upstream-timeout',
  'stream-broken',
  'answer-unreadable',
]);

/** @returns true where the same request to the same target may well succeed a moment later */
export function isTransient(error: StrelkaError): boolean {
  return transient.has(error.kind);
}

const clientFaults: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'invalid-json',
  'invalid-request',
  'unsupported-tool',
  'unsupported-content',
  'prompt-too-long',
  'body-too-large',
  'unknown-path',
  'wrong-method',
  'slow-request',
  'wrong-client-key',
  'foreign-host',
  'foreign-origin',
  'client-left',
  'upstream-refused-request',
]);

/** @returns true where the client's request is at fault, so that no other target would do better */
export function isClientFault(error: StrelkaError): boolean {
  return clientFaults.has(error.kind);
}

/**
 * Makes any thrown thing one of ours, so that every error meets one table.
 * @param thrown what a catch clause got
 */
export function toStrelkaError(thrown: unknown): StrelkaError {
  if (thrown instanceof StrelkaError) return thrown;
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new StrelkaError('internal', `Strelka failed inside: ${reason}. Please report it with the log.`, {
    cause: thrown,
  });
}
