import type { Progress } from './commit-gate.ts';
import { isClientFault, isTransient, StrelkaError, toStrelkaError } from './errors.ts';
import type { Attempt } from './exchange.ts';
import type { Route } from './failover/routes.ts';
import type { Ticket } from './failover/ticket.ts';
import { Told } from './failover/told.ts';
import { type Runner, runHedged } from './hedge.ts';
import type { Part } from './part.ts';
import type { Question } from './question.ts';
import { canAskAgain, decideRetry, type Manner, pause, type RetryState } from './retry.ts';
import { runAttempt } from './run-attempt.ts';
import type { Services } from './services.ts';
import type { CallQueue } from './upstream/upstream.ts';

const longestQueueMs = 10_000;
/** At the last target the queue is better than an error, for as long as clients are patient. */
const longestLastQueueMs = 120_000;

/** One attempt with the leave to make it. */
interface Try {
  ticket: Ticket;
  attempt: Attempt;
  progress: Progress;
}

/** The attempts of one exchange: which comes next, and what was told to the client by them all. */
export class Answering {
  readonly told = new Told();
  readonly #question: Question;
  readonly #services: Services;
  #progress: Progress = { committed: false, spoken: false };
  readonly #walk: { next(): Ticket | undefined };
  readonly #route: Route;
  /** What is tried now; there is one from `begin` on. */
  #current: Try | undefined;
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
  begin(): void {
    const ticket = this.#walk.next();
    if (!ticket) throw new StrelkaError('no-target', 'No target is left for this model. Check the mapping.');
    this.#start(ticket, 'first');
  }

  run(): AsyncGenerator<Part[], void> {
    const first = this.#now;
    const afterMs = this.#hedgeAfterMs(first);
    if (afterMs === undefined) return this.#attempt(first, this.#question.signal, this.#progress);
    const tries = new Map<Runner, Try>();
    const runnerOf = (one: Try): Runner => {
      const end = new AbortController();
      const signal = AbortSignal.any([this.#question.signal, end.signal]);
      const runner = {
        parts: this.#attempt(one, signal, one.progress),
        drop: () => {
          one.ticket.settle({ result: 'neutral' });
          one.attempt.endedAt = Date.now();
          end.abort(new StrelkaError('client-left', 'Another target has answered first.'));
        },
      };
      tries.set(runner, one);
      return runner;
    };
    return runHedged({
      first: runnerOf(first),
      second: () => {
        const ticket = this.#nextIfAny();
        if (!ticket) return undefined;
        const attempt = this.#question.exchange.startAttempt(ticket.target, 'hedge');
        return runnerOf({ ticket, attempt, progress: { committed: false, spoken: false } });
      },
      afterMs,
      onWinner: (runner) => {
        this.#current = tries.get(runner) ?? first;
        this.#progress = this.#current.progress;
      },
      onFailure: (runner, error) => {
        const lost = tries.get(runner);
        if (lost) this.#close(lost, toStrelkaError(error));
      },
    });
  }

  #attempt({ attempt }: Try, signal: AbortSignal, progress: Progress): AsyncGenerator<Part[], void> {
    return runAttempt({
      question: { ...this.#question, signal },
      services: this.#services,
      attempt,
      manner: this.#manner,
      progress,
      told: this.told,
      queue: this.#queueFor(attempt),
      canAskAgain: canAskAgain(this.#state),
    });
  }

  /** @returns when to ask another target as well: later than 95 of 100 answers began; undefined for never */
  #hedgeAfterMs({ ticket }: Try): number | undefined {
    const { settings, standby, supervisor } = this.#services;
    if (!settings.failover.hedge || this.#progress.committed || standby.status.state !== 'warm') return undefined;
    return supervisor.firstPartMs(ticket.target, 0.95);
  }

  succeed(): void {
    const { attempt, ticket } = this.#now;
    attempt.endedAt = Date.now();
    const began = attempt.firstPartAt ?? attempt.endedAt;
    const ttftMs = Math.max(0, began - attempt.startedAt - (attempt.waitedMs ?? 0));
    ticket.settle({ result: 'good', ttftMs, totalMs: attempt.endedAt - attempt.startedAt });
  }

  /** @returns what went wrong; a client that left is nobody's failure */
  fail(thrown: unknown): StrelkaError {
    const { signal } = this.#question;
    const error = toStrelkaError(signal.aborted ? signal.reason : thrown);
    const { attempt } = this.#now;
    attempt.endedAt = Date.now();
    attempt.error = error.kind;
    return error;
  }

  /** The stream broke, but behind whole tool calls: they are the answer. */
  isToldWhole(error: StrelkaError): boolean {
    if (this.told.calls === 0 || !this.#canTakeOver(error)) return false;
    this.#settleBad(error);
    this.#question.exchange.takeover = true;
    this.#question.exchange.finish = 'tool-calls';
    return true;
  }

  /**
   * Goes to the attempt that follows a failed one.
   * @throws the error where none does
   */
  async next(error: StrelkaError): Promise<void> {
    const { signal, exchange } = this.#question;
    if (signal.aborted) throw error;
    const { committed, spoken } = this.#progress;
    // With takeover off, a thought that broke is not begun anew either: the client re-issues what no block was completed of.
    const isOver = committed && isTransient(error) && !this.#services.settings.failover.takeover;
    if (spoken || isOver) {
      this.#takeOver(error);
      return;
    }
    const decision = decideRetry(error, this.#state);
    const { ticket } = this.#now;
    if (decision.action !== 'give-up' && ticket.retry(faultOf(error, false))) {
      if (decision.action === 'retry') this.#retries += 1;
      else {
        this.#asked += 1;
        this.#manner = { ...this.#manner, ...decision.manner };
        exchange.notes.add('ask-again', error.message);
      }
      await pause(decision.waitMs, signal);
      this.#start(ticket, decision.action);
      return;
    }
    this.#settleBad(error);
    if (isClientFault(error)) throw error;
    const following = this.#walk.next();
    if (!following) throw error;
    this.#goTo(following, 'next-target');
  }

  /** Another target finishes what the client has the beginning of; the same one where there is no other. */
  #takeOver(error: StrelkaError): void {
    if (!this.#canTakeOver(error)) {
      this.#settleBad(error);
      throw error;
    }
    this.#question.exchange.takeover = true;
    const following = this.#nextIfAny();
    if (following) {
      this.#settleBad(error);
      this.#goTo(following, 'takeover');
      return;
    }
    const { ticket } = this.#now;
    if (this.#retries >= this.#services.settings.retries.max || !ticket.retry(faultOf(error, true))) {
      this.#settleBad(error);
      throw error;
    }
    this.#retries += 1;
    this.#start(ticket, 'takeover');
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
    const broke = isTransient(error) || error.kind === 'tool-call-broken' || error.kind === 'answer-empty';
    return broke && !this.#question.signal.aborted && this.#services.settings.failover.takeover;
  }

  /** The exchange is over, one way or another. Only the first word about a ticket counts. */
  leave(): void {
    this.#current?.ticket.settle({ result: 'neutral' });
  }

  #settleBad(error: StrelkaError): void {
    this.#close(this.#now, error);
  }

  #close({ ticket, attempt, progress }: Try, error: StrelkaError): void {
    attempt.endedAt ??= Date.now();
    attempt.error = error.kind;
    ticket.settle({ result: 'bad', ...faultOf(error, progress.committed) });
  }

  #goTo(ticket: Ticket, cause: Attempt['cause']): void {
    this.#manner = { streamed: true, thinkingOff: false };
    this.#retries = 0;
    this.#asked = 0;
    this.#start(ticket, cause);
  }

  #start(ticket: Ticket, cause: Attempt['cause']): void {
    const attempt = this.#question.exchange.startAttempt(ticket.target, cause);
    this.#current = { ticket, attempt, progress: this.#progress };
  }

  get #now(): Try {
    if (!this.#current) throw new StrelkaError('internal', 'An attempt was asked for before the first one.');
    return this.#current;
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
    const hasOther = this.#route.targets.length > 1 || this.#services.standby.canStandIn;
    return { hasOther, retries: this.#retries, asked: this.#asked, settings: settings.retries, elapsedMs };
  }
}

function faultOf(error: StrelkaError, afterCommit: boolean) {
  return { kind: error.kind, status: error.detail.upstreamStatus, afterCommit };
}
