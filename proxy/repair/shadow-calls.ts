import type { Emit, Part } from '../part.ts';
import type { RecoveredCalls } from './recovered-calls.ts';
import type { Repair, RepairNotes } from './repair.ts';

/**
 * Drops a native call whose shadow stood in the text and was read there (failures.md C22): servers that parse a call at
 * times leave its text behind. Same means same name and same arguments.
 */
export class ShadowCalls implements Repair {
  readonly #recovered: RecoveredCalls;
  readonly #notes: RepairNotes;

  /** @param recovered the calls that were read from text */
  constructor(recovered: RecoveredCalls, notes: RepairNotes) {
    this.#recovered = recovered;
    this.#notes = notes;
  }

  write(part: Part, emit: Emit): void {
    if (part.type === 'tool-call' && this.#recovered.isShadowed(part))
      this.#notes.add('shadow-calls', `${part.name} ${part.arguments}`);
    else emit(part);
  }

  flush(): void {
    // Nothing is ever held back here.
  }
}
