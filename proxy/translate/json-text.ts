import { isObject } from '../anthropic/blocks.ts';
import { isTooDeep } from '../nesting.ts';

/**
 * The JSON text of an object, kept to the letter. Arguments of calls come as text at the OpenAI door and leave as text:
 * parsing and writing them anew would change large numbers, and with any changed space a prefix cache misses.
 */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** What JSON.stringify writes, for counting tokens. */
  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/**
 * @param text `arguments` of a call in a history, which other models and tools may have broken
 * @returns a JsonText for an object, else the value, or the text itself where it is no JSON
 */
export function readArguments(text: string): unknown {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text;
  }
  if (isTooDeep(value)) return text;
  return isObject(value) ? new JsonText(text) : value;
}
