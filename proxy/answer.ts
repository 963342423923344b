import { AttemptStream } from './attempt.ts';
import { CommitGate, type Progress } from './commit-gate.ts';
import type { Profile } from './contract/profile.ts';
import { isClientFault, StrelkaError, toStrelkaError } from './errors.ts';
import type { Attempt, Exchange } from './exchange.ts';
import type { Target } from './failover/routes.ts';
import type { ChatRequest } from './openai/chat-request.ts';
import type { Part } from './part.ts';
import type { DeclaredTool } from './repair/repair.ts';
import { canAskAgain, decideRetry, type Manner, pause } from './retry.ts';
import type { Services } from './services.ts';
import type { CountableRequest } from './translate/token-count.ts';
import type { Upstream } from './upstream/upstream.ts';
import { describeUpstreamError, statusOfErrorBody } from './upstream/upstream-error.ts';

/** What a front door hands over: one request, still independent of the target that will answer it. */
export interface Question {
  exchange: Exchange;
  askedModel: string;
  /** The client wants a stream: parts leave as they come. Else nothing leaves before the answer is whole. */
  streamed: boolean;
  /** The client asked to see thinking, so that thinking counts as an answer's first sign of life. */
  showThinking: boolean;
  stopSequences: readonly string[];
  /** Aborts with a StrelkaError as its reason. */
  signal: AbortSignal;
  /** Rough count, not yet corrected for a model. */
  estimatedInputTokens: number;
  /** The request in the form that tokens are counted in. */
  countable: CountableRequest;
  /** What the user and the tools wrote. */
  quotable: () => string;
  /** @throws StrelkaError where the target's model can't take the request */
  prepare(model: string, profile: Profile, thinkingOff: boolean, estimatedInputTokens: number): Prepared;
}

export interface Prepared {
  chat: ChatRequest;
  /** By sent name; empty where no tool may be called. */
  tools: ReadonlyMap<string, DeclaredTool>;
  /** The client's name for a sent name. */
  clientToolName(sent: string): string;
}

/**
 * Answers a question through attempts: same target again, another way of asking, next target (design.md, "One POST
 * /v1/messages"). The first batch that it yields is the commit: whatever fails before is thrown from the first `next`,
 * whatever fails later from a later one. The last batch ends with a `finish` part.
 * @throws StrelkaError
 */
export async function* produceAnswer(question: Question, services: Services): AsyncGenerator<Part[], void> {
  const { exchange } = question;
  const progress: Progress = { committed: false, spoken: false };
  let lastError: StrelkaError | undefined;
  for (const target of services.routeOf(question.askedModel).targets) {
    const manner: Manner = { streamed: true, thinkingOff: false };
    let cause: Attempt['cause'] = exchange.attempts.length === 0 ? 'first' : 'next-target';
    let retries = 0;
    let asked = 0;
    for (;;) {
      const attempt = exchange.startAttempt(target, cause);
      const state = { retries, asked, settings: services.settings.retries, elapsedMs: Date.now() - exchange.startedAt };
      try {
        yield* runAttempt({ question, services, target, attempt, manner, progress, canAskAgain: canAskAgain(state) });
        return;
      } catch (thrown) {
        lastError = question.signal.aborted ? toStrelkaError(question.signal.reason) : toStrelkaError(thrown);
        attempt.error = lastError.kind;
        if (question.signal.aborted || progress.spoken) throw lastError;
        const decision = decideRetry(lastError, state);
        if (decision.action === 'give-up') break;
        if (decision.action === 'retry') retries += 1;
        else {
          asked += 1;
          Object.assign(manner, decision.manner);
          exchange.notes.add('ask-again', lastError.message);
        }
        cause = decision.action;
        await pause(decision.waitMs, question.signal);
      } finally {
        attempt.endedAt = Date.now();
      }
    }
    if (isClientFault(lastError)) break;
  }
  throw lastError ?? new StrelkaError('internal', 'No target is configured for this model. Add one to the mapping.');
}

interface AttemptPlan {
  question: Question;
  services: Services;
  target: Target;
  attempt: Attempt;
  manner: Manner;
  progress: Progress;
  canAskAgain: boolean;
}

async function* runAttempt(plan: AttemptPlan): AsyncGenerator<Part[], void> {
  const { question, services, target, attempt, progress } = plan;
  const { exchange } = question;
  const profile = services.profileOf(target.model);
  const estimatedInputTokens = services.calibration.estimates.correct(target.model, question.estimatedInputTokens);
  const prepared = question.prepare(target.model, profile, plan.manner.thinkingOff, estimatedInputTokens);
  const stream = await openAttempt(plan, prepared, profile, estimatedInputTokens);
  const gate = new CommitGate({ ...question, notes: exchange.notes, progress, canAskAgain: plan.canAskAgain });
  try {
    let last: Part[] = [];
    for (let batch = await gate.next(stream); batch !== undefined; batch = await gate.next(stream)) {
      if (batch.length > 0) attempt.firstPartAt ??= Date.now();
      const ready = gate.admit(renameCalls(batch, prepared));
      if (stream.finish) {
        // The last words and the end leave in one write.
        last = ready ?? [];
        break;
      }
      if (ready) yield ready;
    }
    const { finish, usage } = stream;
    const closing: Part[] = [...last, ...gate.conclude(stream)];
    if (usage) {
      closing.push({ type: 'usage', usage });
      exchange.usage = usage;
      services.calibration.learn(target.model, question.countable, question.estimatedInputTokens, usage.inputTokens);
    }
    if (finish) {
      closing.push(finish);
      exchange.finish = finish.reason;
    }
    yield closing;
  } finally {
    if (!stream.finish) stream.cancel();
  }
}

async function openAttempt(
  plan: AttemptPlan,
  prepared: Prepared,
  profile: Profile,
  estimatedInputTokens: number,
): Promise<AttemptStream> {
  const { question, services, target, manner } = plan;
  const upstream: Upstream = services.upstreamOf(target.upstream);
  const facts = { contextWindow: profile.contextWindow, estimatedInputTokens };
  const raw = await upstream.ask({
    chat: prepared.chat,
    streamed: manner.streamed && (profile.streamsToolCalls || prepared.tools.size === 0),
    signal: question.signal,
    timeouts: services.settings.timeouts,
    facts,
  });
  return new AttemptStream(raw, {
    tools: prepared.tools,
    quotable: question.quotable,
    thinkingPrefilled: profile.thinkingPrefilled,
    notes: question.exchange.notes,
    stopSequences: question.stopSequences,
    describeError: (body) =>
      describeUpstreamError({
        status: statusOfErrorBody(body),
        body,
        upstream: upstream.name,
        model: target.model,
        ...facts,
      }),
  });
}

/** Names over 64 characters were shortened on the way out. */
function renameCalls(batch: Part[], prepared: Prepared): Part[] {
  if (!batch.some((part) => part.type === 'tool-call')) return batch;
  return batch.map((part) =>
    part.type === 'tool-call' ? { ...part, name: prepared.clientToolName(part.name) } : part,
  );
}
