import { StrelkaError } from '../errors.ts';
import { ChunkReader } from '../openai/chunk-reader.ts';
import type { AnswerBody } from './answer-handler.ts';
import { describeTransportError } from './connection.ts';
import type { Deadline } from './deadline.ts';
import type { RawAnswer, UpstreamCall } from './upstream.ts';

/** After the finish reason only usage and `[DONE]` are to come; servers that hold the connection open are not waited for. */
const endPatienceMs = 5_000;

/** Makes values of bytes: chunks of chat completions, a `BrokenFrame` in place of an unreadable one. */
export interface AnswerReader {
  /** The answer is whole; whatever follows is ignored. */
  readonly done: boolean;
  push(bytes: Uint8Array): unknown[];
  /** The body ended. Throws a StrelkaError where that can't be an answer. */
  end(): unknown[];
}

/**
 * Reads the body of an answer.
 * @param body batches of bytes
 * @param deadline of the attempt; closed when the answer has ended
 * @param call what was asked
 * @param host for error messages
 * @param reader of the upstream's own format
 */
export function readAnswer(
  body: AnswerBody,
  deadline: Deadline,
  call: Pick<UpstreamCall, 'signal' | 'timeouts'>,
  host: string,
  reader: AnswerReader = new ChunkReader(),
): RawAnswer {
  let started = false;
  let ending = false;
  async function* chunks(): AsyncGenerator<unknown[]> {
    let drained = false;
    try {
      for (;;) {
        // Read by hand: leaving a `for await` would end the connection, which is to be used again.
        const { done, value } = await body.next();
        if (done) break;
        const values =
          value.length === 1 && value[0] ? reader.push(value[0]) : value.flatMap((bytes) => reader.push(bytes));
        // Keep-alives tell that the upstream is at work; behind the finish reason there is no work left.
        if (started && (!ending || values.length > 0)) deadline.refresh();
        if (values.length > 0 && !started) {
          started = true;
          deadline.expect(call.timeouts.idleMs, 'the next word of the answer');
        }
        if (reader.done) {
          drained = true;
          void drain(body, deadline);
        }
        if (values.length > 0) yield values;
        if (reader.done) return;
      }
      const last = reader.end();
      // A whole JSON answer is not read on: this generator may stop at its last value.
      deadline.close();
      if (last.length > 0) yield last;
    } catch (cause) {
      // The finish reason has come: a connection that breaks or stays open behind it takes nothing from the answer (S-5).
      if (ending && !call.signal.aborted) return;
      const error = describeTransportError(cause, host, deadline.signal);
      throw started && error.kind === 'upstream-unreachable'
        ? new StrelkaError('stream-broken', `The connection to ${host} broke in the middle of the answer.`, { cause })
        : error;
    } finally {
      if (!drained) deadline.close();
    }
  }
  return {
    chunks: chunks(),
    get done() {
      return reader.done;
    },
    expectEnd() {
      if (ending) return;
      ending = true;
      deadline.expect(endPatienceMs, 'the end of the answer');
    },
    cancel() {
      deadline.abort(new StrelkaError('client-left', 'The answer is not wanted any more.'));
      deadline.close();
    },
  };
}

/** Reads to the end of the body behind `[DONE]`, so that its connection can be used again. */
async function drain(body: AnswerBody, deadline: Deadline): Promise<void> {
  deadline.expect(endPatienceMs, 'the end of the answer');
  try {
    while (!(await body.next()).done);
  } catch {
    // The answer is whole already; a connection that breaks now is only not used again.
  } finally {
    deadline.close();
  }
}
