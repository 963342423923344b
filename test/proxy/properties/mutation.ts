import type { FailureCase } from '../../cases/case.ts';
import type { Transmission } from './in-process.ts';

export type Random = () => number;

/** The frames of an answer on their way to being broken. */
interface Draft {
  frames: string[];
  isReset: boolean;
}

type Mutation = (draft: Draft, random: Random, others: readonly FailureCase[]) => void;

const keepAlives = [
  ': ping\n\n',
  ':\n\n',
  'data: : keepalive\n\n',
  'event: ping\ndata: {}\n\n',
  '\n',
  '\r\n\r\n',
  'data:\n\n',
];

const junk: readonly unknown[] = [
  null,
  '',
  ' ',
  0,
  -1,
  1e21,
  true,
  [],
  {},
  [null],
  [[]],
  { error: 'x' },
  'null',
  '{}',
  '<',
  '\u0000',
];

const mutations: readonly Mutation[] = [
  function cutOff({ frames }, random) {
    frames.length = pick(frames.length, random);
  },
  function cutInsideFrame({ frames }, random) {
    const at = pick(frames.length, random);
    frames.length = at + 1;
    frames[at] = (frames[at] ?? '').slice(0, pick(frames[at]?.length ?? 0, random));
  },
  function reset(draft, random) {
    draft.isReset = true;
    draft.frames.length = pick(draft.frames.length + 1, random);
  },
  function duplicate({ frames }, random) {
    const from = pick(frames.length, random);
    const range = frames.slice(from, from + 1 + pick(4, random));
    frames.splice(pick(frames.length + 1, random), 0, ...range);
  },
  function swap({ frames }, random) {
    const [one, two] = [pick(frames.length, random), pick(frames.length, random)];
    [frames[one], frames[two]] = [frames[two] ?? '', frames[one] ?? ''];
  },
  function drop({ frames }, random) {
    frames.splice(pick(frames.length, random), 1 + pick(2, random));
  },
  function corruptCharacter({ frames }, random) {
    const at = pick(frames.length, random);
    const frame = frames[at] ?? '';
    const place = pick(frame.length, random);
    const characters = '{}[]",:\\\n\r <>\u0000\uFFFDnull0🎉';
    frames[at] = frame.slice(0, place) + characters.charAt(pick(characters.length, random)) + frame.slice(place + 1);
  },
  function corruptValue({ frames }, random) {
    const at = pick(frames.length, random);
    frames[at] = corruptLeaf(frames[at] ?? '', random);
  },
  function keepAlive({ frames }, random) {
    for (let count = 1 + pick(3, random); count > 0; count -= 1)
      frames.splice(pick(frames.length + 1, random), 0, keepAlives[pick(keepAlives.length, random)] ?? '');
  },
  function keepAliveInside({ frames }, random) {
    const at = pick(frames.length, random);
    frames[at] = (frames[at] ?? '').replace('data:', ': ping\ndata:');
  },
  function splice({ frames }, random, others) {
    const other = others[pick(others.length, random)]?.upstream.sse ?? [];
    const from = pick(other.length, random);
    frames.splice(pick(frames.length + 1, random), pick(3, random), ...other.slice(from, from + 1 + pick(5, random)));
  },
  function newlines({ frames }, random) {
    const newline = random() < 0.5 ? '\r\n' : '\r';
    for (let at = 0; at < frames.length; at += 1) frames[at] = (frames[at] ?? '').replaceAll('\n', newline);
  },
  function oneNewline({ frames }) {
    for (let at = 0; at < frames.length; at += 1) frames[at] = (frames[at] ?? '').replace(/\n\n$/, '\n');
  },
  function errorFrame({ frames }, random) {
    frames.splice(pick(frames.length + 1, random), 0, 'data: {"error":{"message":"boom","code":500}}\n\n');
  },
];

/** Breaks an answer in one to three ways, and cuts it anyhow. The same random numbers break it the same way. */
export function mutate(sample: FailureCase, random: Random, others: readonly FailureCase[]): Transmission {
  const draft: Draft = { frames: [...(sample.upstream.sse ?? [])], isReset: sample.upstream.disconnect === 'reset' };
  for (let count = 1 + pick(3, random); count > 0 && draft.frames.length > 0; count -= 1)
    mutations[pick(mutations.length, random)]?.(draft, random, others);
  const bytes = Buffer.from(draft.frames.join(''));
  if (random() < 0.15)
    for (let count = 1 + pick(4, random); count > 0 && bytes.length > 0; count -= 1) {
      const at = pick(bytes.length, random);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8, random));
    }
  return { pieces: cut(bytes, random), isReset: draft.isReset };
}

/** Cuts bytes into reads: whole, of few bytes, or of any size; at times some reads are empty. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const most = [1, 2, 7, 40, 400, 4_000, bytes.length][pick(7, random)] ?? 1;
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = Math.max(1, pick(most + 1, random));
    pieces.push(bytes.subarray(at, at + size));
    if (random() < 0.01) pieces.push(Buffer.alloc(0));
    at += size;
  }
  return pieces;
}

/** @returns a whole number from 0 to below the limit; 0 where the limit is 0 */
export function pick(limit: number, random: Random): number {
  return Math.floor(random() * limit);
}

/** Puts junk in place of one value somewhere in a frame's JSON, or takes it away. */
function corruptLeaf(frame: string, random: Random): string {
  const json = /^data: (\{.*\})\n\n$/s.exec(frame)?.[1];
  if (json === undefined) return frame;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // Broken by an earlier mutation already.
    return frame;
  }
  const holders: { holder: Record<string, unknown>; key: string }[] = [];
  collectHolders(value, holders);
  const chosen = holders[pick(holders.length, random)];
  if (!chosen) return frame;
  if (random() < 0.2) delete chosen.holder[chosen.key];
  else chosen.holder[chosen.key] = junk[pick(junk.length, random)];
  return `data: ${JSON.stringify(value)}\n\n`;
}

function collectHolders(value: unknown, holders: { holder: Record<string, unknown>; key: string }[]): void {
  if (typeof value !== 'object' || value === null) return;
  // Arrays are written to by index, as objects are by key.
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    holders.push({ holder, key });
    collectHolders(holder[key], holders);
  }
}
