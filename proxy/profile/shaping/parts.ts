import { type Block, blockText, type Frame, isFrame, type Leaf } from './block.ts';

/** What is kept or dropped as a whole. */
export interface PromptPart {
  kind: Leaf['kind'];
  text: string;
  /** Headings, tags and leading words around it, from the outermost: they stay where the part stays. */
  path: readonly Frame[];
}

const exampleName = /\b(examples?|sample)\b|пример/i;
/** Tags with facts say nothing in halves. */
const whole = /^env(ironment)?(_|$)|skill/i;

/**
 * Divides a prompt into parts. A small section is one part; of a large one each paragraph and each item of a list is.
 * Examples are always parts of their own, because they are what a prompt can best do without.
 * @param size characters up to which a section is one part
 */
export function divide(blocks: readonly Block[], size: number, path: readonly Frame[] = []): PromptPart[] {
  const parts: PromptPart[] = [];
  const together = total(blocks.filter(isPlain)) <= size;
  let run: PromptPart | undefined;
  for (const block of blocks) {
    if (together && isPlain(block)) {
      if (!run) {
        run = { kind: isFrame(block) ? 'list' : block.kind, text: '', path };
        parts.push(run);
      }
      run.text += blockText(block);
      continue;
    }
    run = undefined;
    parts.push(...divideBlock(block, size, path));
  }
  // A heading with nothing behind it is still somebody's word.
  if (parts.length === 0 && path.length > 0) parts.push({ kind: 'prose', text: '', path });
  return parts;
}

/** @returns true for a part that shows instead of telling */
export function isExample({ kind, text, path }: PromptPart): boolean {
  if (kind === 'code' || path.some(leadsToExamples)) return true;
  return kind === 'tag'
    ? /^<[\w-]*example/i.test(text)
    : /^\W*(for example|e\.g\.|example|например|пример)/i.test(text);
}

function leadsToExamples({ kind, name }: Frame): boolean {
  // Leading words speak of much; only their end tells what comes.
  return kind === 'lead'
    ? /\b(examples?|sample)\W*$|пример\p{L}*\P{L}*$/iu.test(name.slice(-40))
    : exampleName.test(name);
}

function divideBlock(block: Block, size: number, path: readonly Frame[]): PromptPart[] {
  if (isFrame(block)) {
    const text = block.kind === 'section' ? '' : blockText(block);
    if ((block.kind === 'lead' && text.length <= size) || (block.kind === 'tag' && whole.test(block.name)))
      return [{ kind: block.kind === 'tag' ? 'tag' : 'list', text, path }];
    return divide(block.blocks, size, [...path, block]);
  }
  const { kind, text } = block;
  if (text.length <= size) return [{ kind, text, path }];
  const items = kind === 'list' ? itemsOf(text) : kind === 'prose' ? rulesOf(text) : [text];
  return items.map((item) => ({ kind: items.length > 1 ? 'list' : kind, text: item, path }));
}

/** What a section says itself: no section within it, and no example. */
function isPlain(block: Block): boolean {
  if (isFrame(block)) return block.kind === 'lead' && block.blocks.every(isPlain) && !leadsToExamples(block);
  return block.kind === 'prose' || block.kind === 'list';
}

function total(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + blockText(block).length, 0);
}

/** @returns the items of a list, each with what is indented under it */
function itemsOf(list: string): string[] {
  const indent = /^ */.exec(list)?.[0] ?? '';
  return list.split(new RegExp(`(?<=\\n)(?=${indent}(?:[-*+]|\\d{1,3}[.)])[ \\t])`));
}

/** @returns the lines of a paragraph where each is a sentence of its own, else the paragraph, which is only wrapped */
function rulesOf(paragraph: string): string[] {
  const lines = paragraph.trimEnd().split('\n');
  const areRules = lines.length > 1 && lines.every((line) => /[.!?:;)>`]\s*$/.test(line));
  return areRules ? paragraph.split(/(?<=\n)(?=\S)/) : [paragraph];
}
