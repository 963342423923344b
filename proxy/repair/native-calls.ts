import { StrelkaError } from '../errors.ts';
import { asFields, asText } from '../openai/chunk.ts';
import type { ToolCallPart } from '../part.ts';
import { mendArgumentTypes } from './argument-types.ts';
import { settleArguments } from './call-arguments.ts';
import { settleName } from './call-name.ts';
import type { RepairContext } from './repair.ts';
import { findRepetition } from './repetition-loop.ts';

/** What a delta says of the call that it belongs to. */
interface Head {
  /** The upstream's index; undefined where it sends none (N-8). */
  index: number | undefined;
  id: string | undefined;
  name: string | undefined;
}

interface OpenCall {
  index: number | undefined;
  id: string;
  names: string[];
  fragments: unknown[];
}

/**
 * Gathers the deltas of native tool calls. Calls are settled only when the answer ends: a call whose JSON parses may
 * still go on (vercel/ai#13137), and parallel calls come interleaved while Anthropic's blocks are sequential (N-5).
 */
export class NativeCalls {
  readonly #calls: OpenCall[] = [];
  readonly #context: RepairContext;

  constructor(context: RepairContext) {
    this.#context = context;
  }

  get started(): boolean {
    return this.#calls.length > 0;
  }

  /**
   * @param deltas `tool_calls` of one delta or message; odd elements are passed over
   * @param whole true for an unstreamed message, where each element is a call of its own
   * @returns true where there was an element
   */
  add(deltas: unknown, whole: boolean): boolean {
    if (!deltas) return false;
    let found = false;
    for (const element of Array.isArray(deltas) ? deltas : [deltas]) {
      const delta = asFields(element);
      if (!delta) continue;
      found = true;
      const spec = asFields(delta.function) ?? delta;
      const head: Head = {
        index: typeof delta.index === 'number' ? delta.index : undefined,
        id: asText(delta.id),
        name: asText(spec.name)?.trim() || undefined,
      };
      const fragment = spec.arguments ?? spec.parameters;
      const call = this.#callOf(head, whole, fragment);
      if (head.id !== undefined && call.id === '') call.id = head.id;
      if (head.name !== undefined && call.names.at(-1) !== head.name) call.names.push(head.name);
      if (fragment !== undefined && fragment !== null && fragment !== '') call.fragments.push(fragment);
    }
    return found;
  }

  /** Which call a delta belongs to: failures.md N-6 to N-9 and N-11. */
  #callOf(head: Head, whole: boolean, fragment: unknown): OpenCall {
    const { index, id, name } = head;
    if (whole) return this.#open(index);
    const last = this.#calls.at(-1);
    const known = index === undefined ? last : this.#calls.findLast((call) => call.index === index);
    if (known) return opensAnother(known, head) ? this.#open(index) : known;
    // A continuation under an index of its own, without id and name, belongs to the last call (N-9), unless that one is
    // whole: then this is a call whose name comes late (N-11).
    const isOrphan = last !== undefined && id === undefined && name === undefined;
    return isOrphan && (isBlank(fragment) || !isWhole(last)) ? last : this.#open(index);
  }

  #open(index: number | undefined): OpenCall {
    const call: OpenCall = { index, id: '', names: [], fragments: [] };
    this.#calls.push(call);
    return call;
  }

  /**
   * Makes parts of the gathered calls.
   * @param isCut the answer ended before the model was done, so that its last call may lack its end
   * @param isDropped a call that can't be saved is left out: the client hears from the finish reason that it was cut
   * @throws StrelkaError 'tool-call-broken' for a call that can't be saved, so that none is run half
   */
  settle(isCut: boolean, isDropped: boolean): ToolCallPart[] {
    const parts: ToolCallPart[] = [];
    // Servers open calls with empty fields and never go on (N-12); nothing was called there.
    const calls = this.#calls.filter((call) => call.names.length > 0 || !call.fragments.every(isBlank));
    for (const call of calls) {
      const settled = this.#settleOne(call, isCut && call === calls.at(-1));
      if (Array.isArray(settled)) parts.push(...settled);
      else if (isDropped) this.#context.notes.add('truncated-call', String(settled.detail.cause), '');
      else throw settled;
    }
    return parts;
  }

  #settleOne(call: OpenCall, isCut: boolean): ToolCallPart[] | StrelkaError {
    const { notes, tools } = this.#context;
    const name = settleName(call.names, tools);
    const settled = settleArguments(call.fragments, isCut);
    const text = call.fragments.map((piece) => (typeof piece === 'string' ? piece : JSON.stringify(piece))).join('');
    if (!name) return brokenCall('The model called a tool without naming it.', text);
    if (name.embedded === 'cut') return brokenCall(`The model's call of ${name.name} is cut.`, call.names.join(''));
    if (settled.state === 'broken') {
      const loop = findRepetition(settled.text);
      if (loop) notes.add('repetition-loop', loop.unit, '');
      const why = loop ? 'the model fell into a repetition' : 'they are cut or no JSON';
      return brokenCall(`The model's call of ${name.name} has unusable arguments: ${why}.`, settled.text);
    }
    const { embedded } = name;
    if (name.mended) notes.add('tool-name', call.names.join(''), name.name);
    if (settled.mended) notes.add(settled.mended, text, settled.objects.join(' '));
    const tool = tools.get(name.name);
    return settled.objects.map((object, position) => ({
      type: 'tool-call',
      id: position === 0 ? call.id : '',
      name: name.name,
      arguments: mendArgumentTypes(withEmbedded(object, embedded), tool, notes, embedded !== null),
    }));
  }
}

/**
 * Tells whether a delta whose index is known (or that has none) begins a call of its own. Same index with another name
 * while the call before is complete: another call (N-6), as is a new id beside a name. A new id alone opens nothing (N-7).
 */
function opensAnother(known: OpenCall, { index, id, name }: Head): boolean {
  if (name === undefined || known.names.length === 0) return false;
  const hasNewId = id !== undefined && known.id !== '' && known.id !== id;
  const isNewName = known.names[0] !== name;
  if (hasNewId && isNewName) return known.fragments.length === 0 || index === undefined || isWhole(known);
  // Without an index and an id, only a whole call tells that the next one of the same tool begins (N-8).
  const mayRepeat = index === undefined && (id === undefined || known.id !== id);
  return (hasNewId || isNewName || mayRepeat) && isWhole(known);
}

function isBlank(fragment: unknown): boolean {
  return fragment === undefined || fragment === null || (typeof fragment === 'string' && fragment.trim() === '');
}

/** A call whose arguments are one whole object already. */
function isWhole(call: OpenCall): boolean {
  const last = call.fragments.at(-1);
  // Asked for each delta of a long call, so that the cheap look comes first.
  if (last === undefined || (typeof last === 'string' && !/[}"]\s*$/.test(last))) return false;
  return settleArguments(call.fragments).state === 'whole';
}

function withEmbedded(object: string, embedded: Record<string, string> | null): string {
  return embedded === null ? object : JSON.stringify({ ...embedded, ...asFields(JSON.parse(object)) });
}

function brokenCall(what: string, text: string): StrelkaError {
  return new StrelkaError('tool-call-broken', `${what} Nothing was run; try again.`, { cause: text.slice(0, 200) });
}
