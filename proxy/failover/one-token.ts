import { AttemptStream } from '../attempt.ts';
import { StrelkaError } from '../errors.ts';
import { RepairNotes } from '../repair/repair.ts';
import type { CallTimeouts, Upstream } from '../upstream/upstream.ts';
import { describeUpstreamError, statusOfErrorBody } from '../upstream/upstream-error.ts';

/** A probe is not worth a longer wait. */
const patienceMs = 30_000;
/** Nobody's prompt: the number only words an error that can't come. */
const facts = { contextWindow: 4_096, estimatedInputTokens: 1 };

/**
 * Asks a model for one token: shows that it answers, not only that its server does.
 * @throws StrelkaError what a request would fail with
 */
export async function askOneToken(upstream: Upstream, model: string, timeouts: CallTimeouts): Promise<void> {
  const firstByteMs = Math.min(timeouts.firstByteMs, patienceMs);
  const raw = await upstream.ask({
    chat: { model, messages: [{ role: 'user', content: '.' }], max_tokens: 1, stream: true },
    streamed: true,
    signal: AbortSignal.timeout(2 * patienceMs),
    timeouts: { ...timeouts, firstByteMs },
    facts,
    queue: { background: true, maxWaitMs: patienceMs },
  });
  const stream = new AttemptStream(raw, {
    tools: new Map(),
    oneCallOnly: false,
    quotable: () => '',
    thinkingPrefilled: false,
    notes: new RepairNotes(),
    stopSequences: [],
    describeError: (body) =>
      describeUpstreamError({ status: statusOfErrorBody(body), body, upstream: upstream.name, model, ...facts }),
  });
  while ((await stream.next()) !== undefined);
  if (!stream.finish) throw new StrelkaError('stream-broken', `${upstream.name} broke off its answer.`);
}
