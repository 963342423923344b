import { AttemptStream } from './attempt.ts';
import { CommitGate, type Progress } from './commit-gate.ts';
import type { Profile } from './contract/profile.ts';
import { StrelkaError } from './errors.ts';
import type { Attempt } from './exchange.ts';
import { continueChat } from './failover/continuation.ts';
import type { Joint, Told } from './failover/told.ts';
import type { ChatRequest } from './openai/chat-request.ts';
import type { Part } from './part.ts';
import { type Shaping, shapePrompt } from './profile/shaping/shape-prompt.ts';
import type { Prepared, Question } from './question.ts';
import type { Manner } from './retry.ts';
import type { Services } from './services.ts';
import type { CallQueue, CallTimeouts } from './upstream/upstream.ts';
import { describeUpstreamError, statusOfErrorBody } from './upstream/upstream-error.ts';

export interface AttemptPlan {
  question: Question;
  services: Services;
  attempt: Attempt;
  manner: Manner;
  progress: Progress;
  /** What earlier attempts have told the client. */
  told: Told;
  queue: CallQueue;
  canAskAgain: boolean;
}

/**
 * One try at one target, from the prepared prompt to mended parts. Where earlier attempts have told the client a
 * beginning, it is gone on from there.
 * @throws StrelkaError
 */
export async function* runAttempt(plan: AttemptPlan): AsyncGenerator<Part[], void> {
  const { question, services, attempt, progress, told } = plan;
  const { exchange } = question;
  const { target } = attempt;
  const profile = services.profileOf(target.model);
  const estimatedInputTokens = services.calibration.estimates.correct(target.model, question.estimatedInputTokens);
  const joint = told.spoken ? told.join() : undefined;
  const prepared = prepare(plan, profile, estimatedInputTokens);
  const stream = await openStream(plan, prepared, profile, estimatedInputTokens);
  const gate = new CommitGate({ ...question, notes: exchange.notes, progress, canAskAgain: plan.canAskAgain });
  try {
    let last: Part[] = [];
    for (let batch = await gate.next(stream); batch !== undefined; batch = await gate.next(stream)) {
      if (batch.length > 0) attempt.firstPartAt ??= Date.now();
      const ready = gate.admit(adapt(batch, prepared, joint));
      if (stream.finish) {
        // The last words and the end leave in one write.
        last = ready ?? [];
        break;
      }
      if (ready) yield ready;
    }
    const end = joint ? concludeJoint(joint, told, stream) : gate.conclude(stream);
    yield [...last, ...end, ...closingParts(plan, stream, joint)];
  } finally {
    gate.close();
    if (!stream.finish) stream.cancel();
  }
}

function prepare(
  { question, services, attempt, manner, told }: AttemptPlan,
  profile: Profile,
  tokens: number,
): Prepared {
  const { model, upstream } = attempt.target;
  const asked = question.prepare(model, profile, manner.thinkingOff || told.spoken, tokens);
  const prepared = profile.shaping ? { ...asked, chat: shape(attempt, asked.chat, profile.shaping) } : asked;
  if (!told.spoken) return prepared;
  const continuation = services.upstreamOf(upstream).continuation ?? profile.continuation;
  return { ...prepared, chat: continueChat(prepared.chat, told.text, continuation) };
}

function shape(attempt: Attempt, chat: ChatRequest, shaping: Shaping): ChatRequest {
  const { chat: shaped, ...facts } = shapePrompt(chat, shaping);
  if (facts.changes.length > 0) attempt.shaped = facts;
  return shaped;
}

async function openStream(
  plan: AttemptPlan,
  prepared: Prepared,
  profile: Profile,
  estimatedInputTokens: number,
): Promise<AttemptStream> {
  const { question, services, attempt, manner } = plan;
  const { target } = attempt;
  const upstream = services.upstreamOf(target.upstream);
  const facts = { contextWindow: profile.contextWindow, estimatedInputTokens };
  const raw = await upstream.ask({
    chat: prepared.chat,
    streamed: manner.streamed && (profile.streamsToolCalls || prepared.tools.size === 0),
    signal: question.signal,
    timeouts: timeoutsOf(plan),
    facts,
    queue: plan.queue,
  });
  return new AttemptStream(raw, {
    tools: prepared.tools,
    oneCallOnly: prepared.oneCallOnly,
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

/**
 * The continuation has ended. Thoughts about it are no answer, and its silence is one only behind a finished sentence.
 * @throws StrelkaError 'answer-empty' where the client would be left with half an answer that looks whole
 */
function concludeJoint(joint: Joint, told: Told, stream: AttemptStream): Part[] {
  if (stream.verdict !== 'sound' && !told.seemsWhole)
    throw new StrelkaError('answer-empty', 'The answer broke off, and the model that was to finish it added nothing.');
  return joint.end();
}

/** An answer that is asked for again in one piece is waited for as long as a stream could stay silent twice. */
function timeoutsOf({ services, attempt, manner }: AttemptPlan): CallTimeouts {
  const timeouts = services.timeoutsOf(attempt.target);
  return manner.streamed ? timeouts : { ...timeouts, totalMs: Math.min(timeouts.totalMs, 2 * timeouts.idleMs) };
}

/** Usage and finish; what the usage teaches is noted. */
function closingParts({ question, services, attempt }: AttemptPlan, stream: AttemptStream, joint?: Joint): Part[] {
  const { exchange } = question;
  const { finish, usage } = stream;
  const parts: Part[] = [];
  if (usage) {
    const whole = joint?.whole(usage) ?? usage;
    parts.push({ type: 'usage', usage: whole });
    exchange.usage = whole;
    // A shaped prompt is shorter than what was estimated: its usage says nothing about the next, unshaped one.
    if (!joint && !attempt.shaped) {
      const { model } = attempt.target;
      services.calibration.learn(model, question.countable, question.estimatedInputTokens, usage.inputTokens);
    }
  }
  if (finish) {
    parts.push(finish);
    exchange.finish = finish.reason;
  }
  return parts;
}

/** Names over 64 characters were shortened on the way out; a continuation must not repeat what was told. */
function adapt(batch: Part[], prepared: Prepared, joint: Joint | undefined): Part[] {
  const parts = joint ? joint.cut(batch) : batch;
  if (!parts.some((part) => part.type === 'tool-call')) return parts;
  return parts.map((part) =>
    part.type === 'tool-call' ? { ...part, name: prepared.clientToolName(part.name) } : part,
  );
}
