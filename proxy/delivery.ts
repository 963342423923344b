import { produceAnswer } from './answer.ts';
import type { Call } from './call.ts';
import { type StrelkaError, toStrelkaError } from './errors.ts';
import { EventStream } from './event-stream.ts';
import type { Part } from './part.ts';
import type { Question } from './question.ts';
import type { Services } from './services.ts';
import { Deadline } from './upstream/deadline.ts';

/** How a front door writes a streamed answer. */
export interface StreamForm {
  /** Written after each ten seconds of silence. */
  ping: string;
  /** @returns the parts as the door's events; the first call, whose parts may be none, also begins the answer */
  write(parts: readonly Part[]): string;
  /** @returns the events that end a stream which broke after its start */
  fail(error: StrelkaError): string;
}

/**
 * Sends an answer as it comes. Nothing leaves before the first batch: a status line can't be taken back
 * (protocol.md 1.9, rule 5).
 * @throws StrelkaError what the answer throws; after the first byte the client has been told already
 */
export async function streamAnswer(
  call: Call,
  question: Question,
  services: Services,
  form: StreamForm,
): Promise<void> {
  const answer = produceAnswer(question, services);
  let batch = await answer.next();
  const stream = new EventStream(call, form.ping);
  call.exchange.committedAt = Date.now();
  try {
    for (; !batch.done; batch = await answer.next()) {
      const text = form.write(batch.value);
      if (batch.value.at(-1)?.type === 'finish') stream.end(text);
      else await stream.write(text);
    }
  } catch (thrown) {
    const error = toStrelkaError(thrown);
    if (error.kind !== 'client-left') stream.end(form.fail(error));
    throw error;
  } finally {
    stream.close();
    await answer.return();
  }
}

/**
 * Waits for the whole answer, for a client that asked for no stream, within the time that a whole answer may take.
 * @returns its parts, in order
 * @throws StrelkaError what the answer throws; 'upstream-timeout' when the time is up
 */
export async function collectAnswer(question: Question, services: Services): Promise<Part[]> {
  const deadline = new Deadline(question.signal);
  deadline.expect(services.settings.timeouts.totalMs, 'the whole answer');
  const parts: Part[] = [];
  try {
    for await (const batch of produceAnswer({ ...question, signal: deadline.signal }, services)) parts.push(...batch);
    return parts;
  } finally {
    deadline.close();
  }
}
