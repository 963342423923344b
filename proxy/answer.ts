import { Answering } from './answering.ts';
import type { Part } from './part.ts';
import type { Question } from './question.ts';
import type { Services } from './services.ts';

/**
 * Answers a question through attempts: same target again, another way of asking, next target, takeover (design.md, "One
 * POST /v1/messages"). The first batch that it yields is the commit: whatever fails before is thrown from the first
 * `next`, whatever fails later from a later one. The last batch ends with a `finish` part.
 * @throws StrelkaError
 */
export async function* produceAnswer(question: Question, services: Services): AsyncGenerator<Part[], void> {
  const answering = new Answering(question, services);
  try {
    answering.begin();
    for (;;) {
      try {
        for await (const parts of answering.run()) {
          answering.told.note(parts);
          yield parts;
        }
        answering.succeed();
        return;
      } catch (thrown) {
        const error = answering.fail(thrown);
        if (answering.isToldWhole(error)) {
          yield [{ type: 'finish', reason: 'tool-calls' }];
          return;
        }
        await answering.next(error);
      }
    }
  } finally {
    answering.leave();
  }
}
