/** A text without inner order: it is kept or dropped whole. */
export interface Leaf {
  kind: 'prose' | 'list' | 'code' | 'comment' | 'tag';
  text: string;
  /** Of a tag. */
  name: string;
}

/** What stands around other blocks: a heading, a pair of tags, or the words that lead to a list ("Take care of:"). */
export interface Frame {
  kind: 'section' | 'tag' | 'lead';
  /** The heading's text, the tag's name or the leading words. */
  name: string;
  open: string;
  close: string;
  blocks: Block[];
}

export type Block = Leaf | Frame;

export function isFrame(block: Block): block is Frame {
  return 'blocks' in block;
}

/** @returns the text that a block was read from */
export function blockText(block: Block): string {
  return isFrame(block) ? block.open + block.blocks.map(blockText).join('') + block.close : block.text;
}

/** A heading before it is known what stands in its section. */
export interface Heading {
  level: number;
  name: string;
  text: string;
}

export type Flat = Block | Heading;

function isHeading(flat: Flat): flat is Heading {
  return 'level' in flat;
}

/** @returns blocks in their order as a tree: what stands behind a heading belongs to its section */
export function arrangeBlocks(flat: readonly Flat[]): Block[] {
  return nestSections(joinLeads(flat));
}

/** "Take care of:" and the list behind it go together: neither says anything alone. */
function joinLeads(flat: readonly Flat[]): Flat[] {
  const joined: Flat[] = [];
  for (const block of flat) {
    const last = joined.at(-1);
    const follows = !isHeading(block) && (block.kind === 'list' || block.kind === 'code');
    if (follows && last && !isHeading(last) && last.kind === 'prose' && /[:：]\s*$/.test(last.text))
      joined[joined.length - 1] = { kind: 'lead', name: last.text, open: last.text, close: '', blocks: [block] };
    else joined.push(block);
  }
  return joined;
}

/** `<!-- /name -->`: what a client marked off ends here, and with it each section in it. */
export function isEndMark(block: Pick<Leaf, 'kind' | 'text'>): boolean {
  return block.kind === 'comment' && /^<!--\s*\//.test(block.text);
}

function nestSections(flat: readonly Flat[]): Block[] {
  const root: Block[] = [];
  const open: { level: number; blocks: Block[] }[] = [{ level: 0, blocks: root }];
  for (const block of flat) {
    if (isHeading(block)) {
      while ((open.at(-1)?.level ?? 0) >= block.level) open.pop();
      const section: Frame = { kind: 'section', name: block.name, open: block.text, close: '', blocks: [] };
      open.at(-1)?.blocks.push(section);
      open.push({ level: block.level, blocks: section.blocks });
      continue;
    }
    if (!isFrame(block) && isEndMark(block)) open.length = 1;
    open.at(-1)?.blocks.push(block);
  }
  return root;
}
