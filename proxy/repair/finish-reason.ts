import type { Emit, Part } from '../part.ts';
import type { Repair } from './repair.ts';

/** Says 'tool-calls' where a whole call was sent: after 'stop' the client would never run it (failures.md N-2). */
export class FinishReasonOfCalls implements Repair {
  #hasCalls = false;

  write(part: Part, emit: Emit): void {
    if (part.type === 'tool-call') this.#hasCalls = true;
    emit(part.type === 'finish' && part.reason === 'stop' && this.#hasCalls ? { ...part, reason: 'tool-calls' } : part);
  }

  flush(): void {
    // Nothing is ever held back here.
  }
}
