import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from './contract/settings.ts';
import { type ErrorKind, isTransient, type StrelkaError } from './errors.ts';

/** How a target is asked. The plain way first; another one after an answer that was none. */
export interface Manner {
  streamed: boolean;
  thinkingOff: boolean;
}

export type RetryDecision =
  | { action: 'retry'; waitMs: number }
  | { action: 'ask-again'; waitMs: 0; manner: Partial<Manner> }
  | { action: 'give-up' };

export interface RetryState {
  /** Further tries at this target so far. */
  retries: number;
  /** Times that this target was asked another way. */
  asked: number;
  settings: Settings['retries'];
  /** Milliseconds since the exchange began. */
  elapsedMs: number;
  /** Another target could answer. */
  hasOther: boolean;
}

/** Waits that are longer make the client wait itself: it is told by Retry-After. */
const longestWaitMs = 10_000;
/** No further try of a slow target once the client has waited this long: its own patience ends at ten minutes. */
const patienceMs = 120_000;

const unusable: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['answer-empty', 'tool-call-broken']);

/**
 * Decides what follows a failed attempt at the same target.
 * @returns another try after a jittered backoff for passing faults, another way of asking for unusable answers
 *   (issue 3, "Ask again"), or neither
 */
export function decideRetry(error: StrelkaError, state: RetryState): RetryDecision {
  const { settings } = state;
  if (canAskAgain(state) && unusable.has(error.kind))
    return { action: 'ask-again', waitMs: 0, manner: { streamed: false, thinkingOff: error.kind === 'answer-empty' } };
  if (!isTransient(error) || isOwnQueue(error) || state.retries >= settings.max || state.elapsedMs > patienceMs)
    return { action: 'give-up' };
  // Who was silent for a minute is likely to be so again, and the client waits.
  if (error.kind === 'upstream-timeout' && state.hasOther) return { action: 'give-up' };
  const askedMs = (error.detail.retryAfter ?? 0) * 1000;
  if (askedMs > longestWaitMs) return { action: 'give-up' };
  const backoffMs = 500 * 2 ** state.retries * (0.75 + Math.random() / 2);
  return { action: 'retry', waitMs: Math.max(askedMs, backoffMs) };
}

/** Our own queue was too long: who asks again only joins it anew. */
function isOwnQueue(error: StrelkaError): boolean {
  return error.kind === 'rate-limited' && error.detail.upstreamStatus === undefined;
}

/** MAX_RETRIES=0 turns asking again off too (issue 3). */
export function canAskAgain(state: Pick<RetryState, 'asked' | 'settings'>): boolean {
  return state.settings.max > 0 && state.asked < state.settings.askAgain;
}

/**
 * @param signal its reason is thrown when it aborts
 */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds <= 0) return;
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    throw signal.reason;
  }
}
