import type { FinishReason, Part, TextPart } from '../../../proxy/part.ts';
import { type DeclaredTool, RepairNotes } from '../../../proxy/repair/repair.ts';
import { makeTextRepairs, runRepairs } from '../../../proxy/repair/repairs.ts';

/** The tools of the published cases, and some that ask for more types. */
const schemas: Record<string, Record<string, unknown>> = {
  Read: object({ file_path: 'string', limit: 'integer', offset: 'integer' }, ['file_path']),
  Write: object({ file_path: 'string', content: 'string' }, ['file_path', 'content']),
  Bash: object({ command: 'string', timeout: 'integer', description: 'string' }, ['command']),
  Edit: object({ file_path: 'string', old_string: 'string', new_string: 'string', replace_all: 'boolean' }, [
    'file_path',
    'old_string',
    'new_string',
  ]),
  Grep: object({ pattern: 'string', path: 'string', '-n': 'boolean', head_limit: 'integer' }, ['pattern']),
  TodoWrite: object({ todos: 'array' }, ['todos']),
  get_current_time: object({}, []),
  'mcp__gmail-cleanup__list_filters': object({}, []),
};

function object(types: Record<string, string>, required: string[]): Record<string, unknown> {
  const properties = Object.fromEntries(Object.entries(types).map(([key, type]) => [key, { type }]));
  return { type: 'object', properties, required };
}

export const tools: ReadonlyMap<string, DeclaredTool> = new Map(
  Object.entries(schemas).map(([name, schema]) => [name, { name, schema }]),
);
export const noTools: ReadonlyMap<string, DeclaredTool> = new Map();

export interface Options {
  finish?: FinishReason | 'broken';
  tools?: ReadonlyMap<string, DeclaredTool>;
  quotable?: string;
  thinkingPrefilled?: boolean;
  notes?: RepairNotes;
}

export type Cut = (text: string) => string[];

/** Ways to cut a text: whole, single characters (code units, so that emoji are cut too), seeded random pieces. */
export const cuts: readonly (readonly [string, Cut])[] = [
  ['whole', (text) => [text]],
  ['char by char', (text) => text.split('')],
  ...[1, 2, 3, 4].map((seed) => [`random pieces, seed ${seed}`, cutRandomly(seed)] as const),
];

export function cutRandomly(seed: number): Cut {
  return (text) => {
    const random = makeRandom(seed);
    const pieces: string[] = [];
    for (let at = 0; at < text.length; ) {
      const length = 1 + Math.floor(random() * 12);
      pieces.push(text.slice(at, at + length));
      at += length;
    }
    return pieces;
  };
}

/** mulberry32: small, seeded, the same everywhere. */
export function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function text(content: string): TextPart {
  return { type: 'text', text: content };
}

export function native(name: string, input: unknown): Part {
  return { type: 'tool-call', id: 'call_1', name, arguments: JSON.stringify(input) };
}

/**
 * Sends parts through all repairs, text and reasoning cut as asked, and ends the answer.
 * @returns what came out, neighbours of one kind joined
 */
export function repair(parts: readonly Part[], cut: Cut, options: Options = {}): Part[] {
  const collected: Part[] = [];
  const pipe = runRepairs(
    makeTextRepairs({
      tools: options.tools ?? tools,
      quotable: () => options.quotable ?? '',
      thinkingPrefilled: options.thinkingPrefilled ?? false,
      notes: options.notes ?? new RepairNotes(),
    }),
    (part) => collected.push(part),
  );
  for (const part of parts) {
    if (part.type === 'text' || part.type === 'reasoning')
      for (const piece of cut(part.text)) pipe.write({ type: part.type, text: piece });
    else pipe.write(part);
  }
  const finish = options.finish ?? 'stop';
  if (finish === 'broken') pipe.flush();
  else pipe.write({ type: 'finish', reason: finish });
  return join(collected);
}

function join(parts: readonly Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last && (part.type === 'text' || part.type === 'reasoning') && last.type === part.type)
      joined[joined.length - 1] = { type: part.type, text: last.text + part.text };
    else joined.push(part);
  }
  return joined;
}

export type Brief = string | [kind: string, ...rest: unknown[]];

/** Parts in short: text as itself, `['thinking', ..]`, `['call', name, input]`, `['finish', reason]`. */
export function brief(parts: readonly Part[]): Brief[] {
  return parts.map((part) => {
    if (part.type === 'text') return part.text;
    if (part.type === 'reasoning') return ['thinking', part.text];
    if (part.type === 'tool-call') return ['call', part.name, JSON.parse(part.arguments)];
    return part.type === 'finish' ? ['finish', part.reason] : ['usage'];
  });
}
