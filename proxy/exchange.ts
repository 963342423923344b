import { randomUUID } from 'node:crypto';
import type { ErrorKind } from './errors.ts';
import type { Target } from './failover/routes.ts';
import type { FinishReason, Usage } from './part.ts';
import type { ShapedPrompt } from './profile/shaping/shape-prompt.ts';
import { RepairNotes } from './repair/repair.ts';

/** Which front door an exchange came through. */
export type Door = 'messages' | 'chat-completions';

/** One try of an exchange at one target. */
export interface Attempt {
  target: Target;
  /** Why it was made: the first one, the same again, another way of asking, the next target. */
  cause: 'first' | 'retry' | 'ask-again' | 'next-target' | 'takeover' | 'hedge';
  startedAt: number;
  /** Time in the queue of the rate limit, in milliseconds; part of the attempt. */
  waitedMs?: number;
  firstPartAt?: number;
  endedAt?: number;
  error?: ErrorKind;
  /** What was made of the prompt for a model that loses long ones: the system prompt before and after, and how much. */
  shaped?: Omit<ShapedPrompt, 'chat'>;
}

export type Outcome = 'open' | 'answered' | 'failed' | 'client-left';

export interface ExchangeFacts {
  door: Door;
  /** The client's program, from its User-Agent. */
  client: string;
  /** Claude Code's session, where it tells one. */
  session: string | null;
}

/**
 * One client request and its answer, as the log and the journal see it. The pipeline writes facts here and never reads
 * them: what watches an exchange can't fail or slow it.
 */
export class Exchange {
  /** Also the `request-id` header of the answer. Begins with the time, so that ids sort by age. */
  readonly id = newExchangeId();
  readonly facts: ExchangeFacts;
  readonly startedAt = Date.now();
  readonly notes = new RepairNotes();
  readonly attempts: Attempt[] = [];
  askedModel = '';
  streamed = false;
  estimatedInputTokens = 0;
  /** When the first byte went to the client. */
  committedAt: number | null = null;
  endedAt: number | null = null;
  status = 0;
  outcome: Outcome = 'open';
  finish: FinishReason | null = null;
  usage: Usage | null = null;
  error: { kind: ErrorKind; message: string } | null = null;
  /** An answer that broke after its first byte was finished by another attempt, or ended behind whole tool calls. */
  takeover = false;

  constructor(facts: ExchangeFacts) {
    this.facts = facts;
  }

  /** @returns the new attempt, still open */
  startAttempt(target: Target, cause: Attempt['cause']): Attempt {
    const attempt: Attempt = { target, cause, startedAt: Date.now() };
    this.attempts.push(attempt);
    return attempt;
  }

  /** The target whose answer the client got or is getting. */
  get target(): Target | undefined {
    return this.attempts.at(-1)?.target;
  }
}

/** Watches exchanges: the log line now, the journal's recorder with it. */
export interface ExchangeObserver {
  /** The exchange has ended, one way or another. Must not throw. */
  closed(exchange: Exchange): void;
}

/** @returns `req_` and 24 characters, the first nine of them the time in milliseconds */
function newExchangeId(): string {
  const time = Date.now().toString(36).padStart(9, '0');
  // Node keeps random UUIDs in store, which makes one cheaper than fresh bytes.
  return `req_${time}${randomUUID().replaceAll('-', '').slice(-15)}`;
}
