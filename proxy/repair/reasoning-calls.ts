import type { Emit, Part, ToolCallPart } from '../part.ts';
import { RecoveredCalls } from './recovered-calls.ts';
import { type Repair, type RepairContext, RepairNotes } from './repair.ts';
import { TextToolCalls } from './text-tool-calls.ts';

/**
 * Takes a call that stands at the very end of the thinking of an answer that says nothing else (failures.md C25): GLM at
 * times acts before it has closed its thoughts. Calls further up are deliberation, and beside an answer they are quoted.
 */
export class ReasoningCalls implements Repair {
  readonly #context: RepairContext;
  #thoughts: string[] = [];
  #hasAnswer = false;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  write(part: Part, emit: Emit): void {
    if (part.type === 'reasoning') {
      if (!this.#hasAnswer) this.#thoughts.push(part.text);
    } else if (part.type === 'tool-call' || (part.type === 'text' && part.text.trim() !== '')) {
      if (!this.#hasAnswer) this.#thoughts = [];
      this.#hasAnswer = true;
    } else if (part.type === 'finish' && part.reason === 'stop' && !this.#hasAnswer) {
      for (const call of this.#findCalls()) emit(call);
    }
    emit(part);
  }

  flush(): void {
    // Thoughts have left already; what is kept of them here is a copy.
    this.#thoughts = [];
  }

  #findCalls(): ToolCallPart[] {
    const thoughts = this.#thoughts.join('');
    this.#thoughts = [];
    if (!thoughts.includes('<')) return [];
    const found: Part[] = [];
    const reader = new TextToolCalls({ ...this.#context, notes: new RepairNotes() }, new RecoveredCalls());
    reader.write({ type: 'text', text: thoughts }, (part) => found.push(part));
    reader.write({ type: 'finish', reason: 'stop' }, (part) => found.push(part));
    const calls: ToolCallPart[] = [];
    for (const part of found.slice(0, -1)) {
      if (part.type === 'tool-call') calls.push(part);
      else calls.length = 0;
    }
    for (const call of calls)
      this.#context.notes.add('reasoning-calls', thoughts.slice(-200), `${call.name} ${call.arguments}`);
    return calls;
  }
}
