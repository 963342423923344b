import type { Progress } from './commit-gate.ts';
import { isClientFault, isTransient, StrelkaError, toStrelkaError } from './errors.ts';
import type { Attempt } from './exchange.ts';
import type { Route } from './failover/routes.ts';
import type { Ticket } from './failover/ticket.ts';
import { Told } from './failover/told.ts';
import type { Part } from './part.ts';
import type { Question } from './question.ts';
import { canAskAgain, decideRetry, type Manner, pause, type RetryState } from './retry.ts';
import { runAttempt } from './run-attempt.ts';
import type { Services } from './services.ts';
import type { CallQueue } from './upstream/upstream.ts';

const longestQueueMs = 10_000;
/** At the last target the queue is better than an error, for as long as clients are patient. */
const longestLastQueueMs = 120_000;

/**
 * Answers a question through attempts: same target again, another way of asking, next target, takeover (design.md, "One
 * POST /v1/messages"). The first batch that it yields is the commit: whatever fails before is thrown from the first
 * `next`, whatever fails later from a later one. The last batch ends with a `finish` part.
 * @throws StrelkaError
 */
export async function* produceAnswer(question: Question, services: Services): AsyncGenerator<Part[], void> {
  const answering = new Answering(question, services);
  try {
    for (let attempt = answering.begin(); attempt; ) {
      try {
        for await (const parts of answering.run(attempt)) {
          answering.told.note(parts);
          yield parts;
        }
        answering.succeed(attempt);
        return;
      } catch (thrown) {
        const error = answering.fail(attempt, thrown);
        if (answering.isToldWhole(error)) {
          yield [{ type: 'finish', reason: 'tool-calls' }];
          return;
        }
        attempt = await answering.next(error);
      }
    }
  } finally {
    answering.leave();
  }
}

/** The attempts of one exchange: which comes next, and what was told to the client by them all. */
class Answering {
  readonly told = new Told();
  readonly #question: Question;
  readonly #services: Services;
  readonly #progress: Progress = { committed: false, spoken: false };
  readonly #walk: { next(): Ticket | undefined };
  readonly #route: Route;
  #ticket: Ticket | undefined;
  #manner: Manner = { streamed: true, thinkingOff: false };
  #retries = 0;
  #asked = 0;

  constructor(question: Question, services: Services) {
    this.#question = question;
    this.#services = services;
    services.prober.used();
    this.#route = services.routeOf(question.askedModel);
    this.#walk = services.supervisor.walk({
      route: this.#route,
      session: question.exchange.facts.session,
      newTurn: question.newTurn,
      neededTokens: ({ model }) => services.roughTokens(model, question.estimatedInputTokens),
      windowOf: (target) => services.windowOf(target),
    });
  }

  /** @throws StrelkaError where no target can be tried at all */
  begin(): Attempt {
    this.#ticket = this.#walk.next();
    if (!this.#ticket) throw new StrelkaError('no-target', 'No target is left for this model. Check the mapping.');
    return this.#start('first');
  }

  run(attempt: Attempt): AsyncGenerator<Part[], void> {
    return runAttempt({
      question: this.#question,
      services: this.#services,
      attempt,
      manner: this.#manner,
      progress: this.#progress,
      told: this.told,
      queue: this.#queueFor(attempt),
      canAskAgain: canAskAgain(this.#state),
    });
  }

  succeed(attempt: Attempt): void {
    attempt.endedAt = Date.now();
    const ttftMs = (attempt.firstPartAt ?? attempt.endedAt) - attempt.startedAt;
    this.#ticket?.settle({ result: 'good', ttftMs, totalMs: attempt.endedAt - attempt.startedAt });
  }

  /** @returns what went wrong; a client that left is nobody's failure */
  fail(attempt: Attempt, thrown: unknown): StrelkaError {
    const { signal } = this.#question;
    const error = toStrelkaError(signal.aborted ? signal.reason : thrown);
    attempt.endedAt = Date.now();
    attempt.error = error.kind;
    return error;
  }

  /** The stream broke, but behind whole tool calls: they are the answer. */
  isToldWhole(error: StrelkaError): boolean {
    if (this.told.calls === 0 || !this.#canTakeOver(error)) return false;
    this.#settleBad(error);
    this.#question.exchange.takeover = true;
    return true;
  }

  /**
   * @returns the attempt that follows a failed one
   * @throws the error where none does
   */
  async next(error: StrelkaError): Promise<Attempt> {
    const { signal, exchange } = this.#question;
    if (signal.aborted) throw error;
    const { committed, spoken } = this.#progress;
    // With takeover off, a thought that broke is not begun anew either: the client re-issues what no block was completed of.
    const isOver = committed && isTransient(error) && !this.#services.settings.failover.takeover;
    if (spoken || isOver) return this.#takeOver(error);
    const decision = decideRetry(error, this.#state);
    if (decision.action !== 'give-up' && this.#ticket?.retry(faultOf(error, false))) {
      if (decision.action === 'retry') this.#retries += 1;
      else {
        this.#asked += 1;
        this.#manner = { ...this.#manner, ...decision.manner };
        exchange.notes.add('ask-again', error.message);
      }
      await pause(decision.waitMs, signal);
      return this.#start(decision.action);
    }
    this.#settleBad(error);
    if (isClientFault(error)) throw error;
    const ticket = this.#walk.next();
    if (!ticket) throw error;
    return this.#goTo(ticket, 'next-target');
  }

  /** Another target finishes what the client has the beginning of; the same one where there is no other. */
  #takeOver(error: StrelkaError): Attempt {
    if (!this.#canTakeOver(error)) {
      this.#settleBad(error);
      throw error;
    }
    this.#question.exchange.takeover = true;
    const ticket = this.#nextIfAny();
    if (ticket) {
      this.#settleBad(error);
      return this.#goTo(ticket, 'takeover');
    }
    if (this.#retries >= this.#services.settings.retries.max || !this.#ticket?.retry(faultOf(error, true))) {
      this.#settleBad(error);
      throw error;
    }
    this.#retries += 1;
    return this.#start('takeover');
  }

  /** Whoever the walk refuses now, the client has half an answer: what broke it says more. */
  #nextIfAny(): Ticket | undefined {
    try {
      return this.#walk.next();
    } catch {
      return undefined;
    }
  }

  #canTakeOver(error: StrelkaError): boolean {
    const broke = isTransient(error) || error.kind === 'tool-call-broken';
    return broke && !this.#question.signal.aborted && this.#services.settings.failover.takeover;
  }

  /** The exchange is over, one way or another. Only the first word about a ticket counts. */
  leave(): void {
    this.#ticket?.settle({ result: 'neutral' });
  }

  #settleBad(error: StrelkaError): void {
    this.#ticket?.settle({ result: 'bad', ...faultOf(error, this.#progress.committed) });
  }

  #goTo(ticket: Ticket, cause: Attempt['cause']): Attempt {
    this.#ticket = ticket;
    this.#manner = { streamed: true, thinkingOff: false };
    this.#retries = 0;
    this.#asked = 0;
    return this.#start(cause);
  }

  #start(cause: Attempt['cause']): Attempt {
    if (!this.#ticket) throw new StrelkaError('internal', 'An attempt was begun without a target.');
    return this.#question.exchange.startAttempt(this.#ticket.target, cause);
  }

  /** Where another target is left, a long wait in our own queue is not worth it (issue 4, point 6). */
  #queueFor(attempt: Attempt): CallQueue {
    const { targets, tier } = this.#route;
    const isLast = attempt.target === targets.at(-1) && !this.#services.standby.canStandIn;
    return {
      background: tier === 'small',
      maxWaitMs: isLast ? longestLastQueueMs : longestQueueMs,
      onWait: (milliseconds) => {
        attempt.waitedMs = (attempt.waitedMs ?? 0) + milliseconds;
      },
    };
  }

  get #state(): RetryState {
    const { settings } = this.#services;
    const elapsedMs = Date.now() - this.#question.exchange.startedAt;
    return { retries: this.#retries, asked: this.#asked, settings: settings.retries, elapsedMs };
  }
}

function faultOf(error: StrelkaError, afterCommit: boolean) {
  return { kind: error.kind, status: error.detail.upstreamStatus, afterCommit };
}
