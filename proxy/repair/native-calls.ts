import { StrelkaError } from '../errors.ts';
import { asFields, asText, type Fields } from '../openai/chunk.ts';
import type { FinishReason, ToolCallPart } from '../part.ts';
import { mendArgumentTypes } from './argument-types.ts';
import { settleArguments } from './call-arguments.ts';
import { settleName } from './call-name.ts';
import type { RepairContext } from './repair.ts';
import { findRepetition } from './repetition-loop.ts';

interface OpenCall {
  /** The upstream's index; undefined where it sends none (N-8). */
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
   */
  add(deltas: unknown, whole: boolean): void {
    if (!Array.isArray(deltas)) return;
    for (const element of deltas) {
      const delta = asFields(element);
      if (!delta) continue;
      const call = this.#callOf(delta, whole);
      const spec = asFields(delta.function) ?? delta;
      const id = asText(delta.id);
      if (id !== undefined && call.id === '') call.id = id;
      const name = asText(spec.name);
      if (name !== undefined && call.names.at(-1) !== name) call.names.push(name);
      const fragment = spec.arguments ?? spec.parameters;
      if (fragment !== undefined && fragment !== null && fragment !== '') call.fragments.push(fragment);
    }
  }

  /** Which call a delta belongs to: failures.md N-6 to N-9 and N-11. */
  #callOf(delta: Fields, whole: boolean): OpenCall {
    const index = typeof delta.index === 'number' ? delta.index : undefined;
    const id = asText(delta.id);
    const name = asText((asFields(delta.function) ?? delta).name);
    if (whole) return this.#open(index);
    const last = this.#calls.at(-1);
    const known = index === undefined ? last : this.#calls.findLast((call) => call.index === index);
    if (!known) {
      // A continuation under an index of its own, without id and name, belongs to the last call (N-9).
      return last && id === undefined && name === undefined ? last : this.#open(index);
    }
    const newId = id !== undefined && known.id !== '' && known.id !== id;
    const newName = name !== undefined && known.names.length > 0 && known.names[0] !== name;
    const again = id !== undefined && name !== undefined && newId && known.names.length > 0;
    if (index === undefined)
      return newId || (name !== undefined && (newName || isWhole(known)) && known.id !== id)
        ? this.#open(index)
        : known;
    // Same index, new id and a name beside it while the call before is whole: another call (N-6). A new id alone
    // opens nothing (N-7).
    return again && isWhole(known) ? this.#open(index) : known;
  }

  #open(index: number | undefined): OpenCall {
    const call: OpenCall = { index, id: '', names: [], fragments: [] };
    this.#calls.push(call);
    return call;
  }

  /**
   * Makes parts of the gathered calls.
   * @param finish why the answer ended; a cut call is dropped where the answer ran out of tokens
   * @throws StrelkaError 'tool-call-broken' for a call that can't be saved, so that none is run half
   */
  settle(finish: FinishReason): ToolCallPart[] {
    const cut = finish === 'length' || finish === 'context-window';
    const parts: ToolCallPart[] = [];
    for (const call of this.#calls) {
      const settled = this.#settleOne(call);
      if (Array.isArray(settled)) parts.push(...settled);
      else if (cut) this.#context.notes.add('truncated-call', String(settled.detail.cause), '');
      else throw settled;
    }
    return parts;
  }

  #settleOne(call: OpenCall): ToolCallPart[] | StrelkaError {
    const { notes, tools } = this.#context;
    const name = settleName(call.names, tools);
    const settled = settleArguments(call.fragments);
    const text = call.fragments.map((piece) => (typeof piece === 'string' ? piece : JSON.stringify(piece))).join('');
    if (!name) return brokenCall('The model called a tool without naming it.', text);
    if (settled.state === 'broken') {
      const loop = findRepetition(settled.text);
      if (loop) notes.add('repetition-loop', loop.unit, '');
      const why = loop ? 'the model fell into a repetition' : 'they are cut or no JSON';
      return brokenCall(`The model's call of ${name.name} has unusable arguments: ${why}.`, settled.text);
    }
    if (name.mended) notes.add('tool-name', call.names.join(''), name.name);
    if (settled.mended) notes.add(settled.mended, text, settled.objects.join(' '));
    const tool = tools.get(name.name);
    return settled.objects.map((object, position) => ({
      type: 'tool-call',
      id: position === 0 ? call.id : '',
      name: name.name,
      arguments: mendArgumentTypes(withEmbedded(object, name.embedded), tool, notes, name.embedded !== null),
    }));
  }
}

/** A call whose arguments are one whole object already. */
function isWhole(call: OpenCall): boolean {
  return call.fragments.length > 0 && settleArguments(call.fragments).state === 'whole';
}

function withEmbedded(object: string, embedded: Record<string, string> | null): string {
  return embedded === null ? object : JSON.stringify({ ...embedded, ...asFields(JSON.parse(object)) });
}

function brokenCall(what: string, text: string): StrelkaError {
  return new StrelkaError('tool-call-broken', `${what} Nothing was run; try again.`, { cause: text.slice(0, 200) });
}
