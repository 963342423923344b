import { StrelkaError } from '../errors.ts';
import { ChunkReader } from '../openai/chunk-reader.ts';
import type { AnswerBody } from './answer-handler.ts';
import { describeTransportError } from './connection.ts';
import type { Deadline } from './deadline.ts';
import type { RawAnswer, UpstreamCall } from './upstream.ts';

/** After the finish reason only usage and `[DONE]` are to come; servers that hold the connection open are not waited for. */
const endPatienceMs = 5_000;

/**
 * Reads the body of a chat completions answer.
 * @param body batches of bytes
 * @param deadline of the attempt; closed when the answer has ended
 * @param call what was asked
 * @param host for error messages
 */
export function readAnswer(
  body: AnswerBody,
  deadline: Deadline,
  call: Pick<UpstreamCall, 'signal' | 'timeouts'>,
  host: string,
): RawAnswer {
  const brokenFrames: string[] = [];
  const reader = new ChunkReader({ onBrokenFrame: (data) => brokenFrames.push(data.slice(0, 200)) });
  let started = false;
  let ending = false;
  async function* chunks(): AsyncGenerator<unknown[]> {
    let drained = false;
    try {
      for (;;) {
        // Read by hand: leaving a `for await` would end the connection, which is to be used again.
        const { done, value } = await body.next();
        if (done) break;
        if (started) deadline.refresh();
        const values =
          value.length === 1 && value[0] ? reader.push(value[0]) : value.flatMap((bytes) => reader.push(bytes));
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
      if (last.length > 0) yield last;
    } catch (cause) {
      if (ending && deadline.signal.aborted && !call.signal.aborted) return;
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
    brokenFrames,
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
