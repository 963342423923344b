import { asFields } from '../openai/chunk.ts';
import type { ToolCallPart } from '../part.ts';
import { parse } from './argument-values.ts';

/** Keeps which calls were read from text, so that the same call beside it in native form is known for a shadow. */
export class RecoveredCalls {
  readonly #counts = new Map<string, number>();
  readonly #parts = new WeakSet<ToolCallPart>();
  #total = 0;

  get any(): boolean {
    return this.#total > 0;
  }

  /** @param part made of a call in the text */
  add(part: ToolCallPart): void {
    const key = keyOf(part);
    this.#parts.add(part);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#total += 1;
  }

  /**
   * Looks for a recovered call that equals a native one; each is found once, so that a call meant twice stays twice.
   * @param part any call; those that were read from text shadow nothing
   */
  isShadowed(part: ToolCallPart): boolean {
    if (this.#total === 0 || this.#parts.has(part)) return false;
    const key = keyOf(part);
    const count = this.#counts.get(key) ?? 0;
    if (count === 0) return false;
    this.#counts.set(key, count - 1);
    return true;
  }
}

function keyOf(part: ToolCallPart): string {
  return JSON.stringify([part.name, sortKeys(parse(part.arguments))]);
}

/** Equal values give equal text: keys sorted at every level. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  const fields = asFields(value);
  if (!fields) return value;
  return Object.keys(fields)
    .sort()
    .map((key) => [key, sortKeys(fields[key])]);
}
