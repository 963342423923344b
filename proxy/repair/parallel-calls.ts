import type { Emit, Part } from '../part.ts';
import type { Repair, RepairNotes } from './repair.ts';

/**
 * Keeps the first tool call of an answer and drops further ones, for a client that allows one call at a time:
 * `disable_parallel_tool_use`, `parallel_tool_calls: false`, or the older function_call, which has room for one only.
 * Not every upstream understands the field, and not every model obeys it. The model asks again for what was dropped,
 * because the next turn holds no result for it.
 */
export class ParallelCalls implements Repair {
  readonly #notes: RepairNotes;
  #called = false;

  constructor(notes: RepairNotes) {
    this.#notes = notes;
  }

  write(part: Part, emit: Emit): void {
    if (part.type === 'tool-call') {
      if (this.#called) {
        this.#notes.add('parallel-call-dropped', `${part.name} ${part.arguments}`);
        return;
      }
      this.#called = true;
    }
    emit(part);
  }

  flush(): void {
    // Nothing is ever held back.
  }
}
