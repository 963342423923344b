import type { ErrorKind } from '../errors.ts';

/**
 * Whom a failure counts against (issue 4, point 2).
 * `upstream`: the whole server or the way to it. `target`: this model on it.
 * `either`: this model for certain, and its server too unless another model there is known to do better.
 * `key`: the key or the account: no more tries until that is mended. `none`: says nothing about anyone's health.
 */
export type Blame = 'upstream' | 'target' | 'either' | 'key' | 'none';

/** The one table: a new kind of error does not compile until it is decided here. */
export const blames = {
  'invalid-json': 'none',
  'invalid-request': 'none',
  'unsupported-tool': 'none',
  'unsupported-content': 'none',
  'prompt-too-long': 'none',
  'body-too-large': 'none',
  'unknown-path': 'none',
  'wrong-method': 'none',
  'slow-request': 'none',
  'wrong-client-key': 'none',
  'foreign-host': 'none',
  'foreign-origin': 'none',
  'client-left': 'none',
  'upstream-key-missing': 'key',
  'upstream-key-refused': 'key',
  'balance-empty': 'key',
  // A key may be allowed some models only.
  'upstream-forbidden': 'target',
  'model-missing': 'target',
  'upstream-refused-request': 'none',
  // The rate limiter pauses; the upstream is well.
  'rate-limited': 'none',
  // A gateway with one model's servers down answers 5xx or hangs for that model alone.
  overloaded: 'either',
  'upstream-failed': 'either',
  'upstream-timeout': 'either',
  'stream-broken': 'either',
  'upstream-unreachable': 'upstream',
  'answer-unreadable': 'target',
  'answer-empty': 'target',
  'tool-call-broken': 'target',
  'no-target': 'none',
  draining: 'none',
  'settings-unusable': 'none',
  internal: 'none',
} as const satisfies Record<ErrorKind, Blame>;

/** @returns whom a failure of this kind counts against */
export function blameOf(kind: ErrorKind): Blame {
  return blames[kind];
}
