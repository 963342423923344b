import type { Frame } from './block.ts';
import { readBlocks } from './block-reader.ts';
import { divide, type PromptPart } from './parts.ts';
import { cutMark, cutText } from './shorten.ts';

/** A part that alone exceeds the limit is cut rather than dropped where at least this much of it can stay. */
const leastCut = 120;

/** Gives each part a weight; the heaviest stay longest. */
export type Weigh = (parts: readonly PromptPart[], limit: number) => number[];

/**
 * Trims a text by dropping its least important parts whole. What stays keeps its order and its headings. Only a part
 * that alone exceeds the limit is cut, at the end of a paragraph, with a mark.
 * @param limit characters
 * @returns the text itself where it fits
 */
export function trimText(text: string, limit: number, weigh: Weigh): string {
  if (text.length <= limit) return text;
  const parts = divide(readBlocks(text), Math.ceil(limit / 4));
  const weights = weigh(parts, limit);
  const order = parts.map((_, index) => index).sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0) || a - b);
  const kept = new Map<number, PromptPart>();
  const frames = new Set<Frame>();
  let room = limit;
  for (const index of order) {
    const part = parts[index];
    if (!part) continue;
    const around = part.path.filter((frame) => !frames.has(frame));
    const cost = around.reduce((sum, { open, close }) => sum + open.length + close.length, 0);
    const fitting = fit(part, room - cost, limit, parts.length > 1);
    if (!fitting) continue;
    kept.set(index, fitting);
    for (const frame of around) frames.add(frame);
    room -= cost + fitting.text.length;
  }
  return writeParts([...kept].sort(([a], [b]) => a - b).map(([, part]) => part)).trimEnd();
}

/** @returns the part, its beginning where it is larger than all there is room for, or undefined */
function fit(part: PromptPart, room: number, limit: number, hasOthers: boolean): PromptPart | undefined {
  if (part.text.length <= room) return part;
  if (part.text.trimEnd().length <= limit) return undefined;
  // It leaves room for what weighs less: half of all is enough for one part.
  const share = hasOthers ? Math.min(room, Math.floor(limit / 2)) : room;
  if (share < Math.min(leastCut, limit) || share <= cutMark.length) return undefined;
  return { ...part, text: `${cutText(part.text, share - 2)}\n\n` };
}

/** @returns the parts with what stands around them, each frame once */
export function writeParts(parts: readonly PromptPart[]): string {
  let text = '';
  let open: readonly Frame[] = [];
  for (const { text: own, path } of [...parts, { text: '', path: [] }]) {
    const shared = open.findIndex((frame, depth) => path[depth] !== frame);
    const same = shared === -1 ? open.length : shared;
    for (const frame of open.slice(same).toReversed()) text += frame.close;
    for (const frame of path.slice(same)) text += frame.open;
    text += own;
    open = path;
  }
  return text;
}
