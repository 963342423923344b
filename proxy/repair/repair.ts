import type { Emit, Part } from '../part.ts';

/**
 * One mended symptom: a stage between the raw answer and the client. It is synchronous, so that text without an
 * opener leaves in the same tick in which its chunk came.
 */
export interface Repair {
  /** Takes one part and emits nothing, one or several. A `finish` part is always the last one. */
  write(part: Part, emit: Emit): void;
  /** The stream broke before its finish: emits what is held back, as it came. */
  flush(emit: Emit): void;
}

/** What a repair may know of the request it mends the answer of. */
export interface RepairContext {
  /** Tools that the request declares, by the name that the upstream was given; empty when tool_choice is none. */
  tools: ReadonlyMap<string, DeclaredTool>;
  /** What the user and the tools wrote: a call that stands there is a quotation. */
  quotable: () => string;
  /** True where the model is known to open its thinking in the prompt, so that only `</think>` comes. */
  thinkingPrefilled: boolean;
  notes: RepairNotes;
}

export interface DeclaredTool {
  name: string;
  /** JSON schema of the arguments, as the client declared it. */
  schema: Readonly<Record<string, unknown>>;
}

/** One repair's firings on one exchange. */
export interface RepairNote {
  repair: string;
  count: number;
  /** Start of what came, at most 200 characters. */
  before: string;
  /** Start of what was made of it. */
  after: string;
}

const excerptLength = 200;

/** Collects what was mended, for the journal and the log. */
export class RepairNotes {
  readonly #notes = new Map<string, RepairNote>();

  /**
   * @param repair the symptom's id, the name of its file
   * @param before what the upstream sent
   * @param after what the client gets in its place
   */
  add(repair: string, before = '', after = ''): void {
    const known = this.#notes.get(repair);
    if (known) known.count += 1;
    else
      this.#notes.set(repair, {
        repair,
        count: 1,
        before: before.slice(0, excerptLength),
        after: after.slice(0, excerptLength),
      });
  }

  /** @returns a note a repair, in order of first firing */
  list(): RepairNote[] {
    return [...this.#notes.values()];
  }
}
