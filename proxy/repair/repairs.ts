import type { Emit, Part } from '../part.ts';
import { FinishReasonOfCalls } from './finish-reason.ts';
import { ReasoningCalls } from './reasoning-calls.ts';
import { RecoveredCalls } from './recovered-calls.ts';
import type { Repair, RepairContext } from './repair.ts';
import { ShadowCalls } from './shadow-calls.ts';
import { TextToolCalls } from './text-tool-calls.ts';
import { ThinkTags } from './think-tags.ts';

/**
 * The repairs of text, in the order in which parts pass them: thinking comes off first, then calls come out of the text,
 * then what the calls change elsewhere. Without declared tools nothing is read as a call, harmony's channels still are.
 * @param context what they may know of the request; its notes are told of each firing
 */
export function makeTextRepairs(context: RepairContext): Repair[] {
  const recovered = new RecoveredCalls();
  const repairs: Repair[] = [new ThinkTags(context), new TextToolCalls(context, recovered)];
  if (context.tools.size > 0) repairs.push(new ShadowCalls(recovered, context.notes), new ReasoningCalls(context));
  repairs.push(new FinishReasonOfCalls());
  return repairs;
}

/**
 * Joins repairs to a pipe, in which each part passes all of them before `write` returns.
 * @param repairs in order
 * @param emit gets what comes out
 * @returns `write` for each part, `flush` for a stream that broke: it lets out what is held back
 */
export function runRepairs(repairs: readonly Repair[], emit: Emit): { write(part: Part): void; flush(): void } {
  let write = emit;
  const flushes: (() => void)[] = [];
  for (const repair of repairs.toReversed()) {
    const next = write;
    write = (part) => repair.write(part, next);
    flushes.unshift(() => repair.flush(next));
  }
  return {
    write,
    flush: () => {
      for (const flush of flushes) flush();
    },
  };
}
