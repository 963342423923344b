import { arrangeBlocks, type Block, type Flat } from './block.ts';

const heading = /^(#{1,6})[ \t]+(\S.*)/;
const fence = /^ {0,3}(`{3,}|~{3,})/;
const tagStart = /^<([A-Za-z][\w.:-]*)(?:\s[^<>]*)?>/;
const tagEnd = /<\/([A-Za-z][\w.:-]*)>/g;
const comment = /^<!--.*-->\s*$/;
const listItem = /^ {0,3}(?:[-*+]|\d{1,3}[.)])[ \t]+\S/;
const exampleTag = /example/i;

/** Tags within tags are looked into this far; prompts have two or three. */
const deepestTag = 16;

/**
 * Reads a prompt as blocks: Markdown's headings, lists and fences, XML-like tags, paragraphs. Nothing is lost: the
 * texts of all blocks in order are the prompt again.
 */
export function readBlocks(text: string): Block[] {
  // Most tags in prompts are placeholders like <name>, which are never closed: these need no search.
  const closed = new Set([...text.matchAll(tagEnd)].map((match) => match[1] ?? ''));
  return new BlockReader(text.split(/(?<=\n)/), closed, 0).read();
}

/** Reads lines, each with its line end. Blank lines belong to what stands before them. */
class BlockReader {
  readonly #lines: readonly string[];
  readonly #closed: ReadonlySet<string>;
  readonly #depth: number;
  #at = 0;

  /** @param closed names of the tags that are closed anywhere */
  constructor(lines: readonly string[], closed: ReadonlySet<string>, depth: number) {
    this.#lines = lines;
    this.#closed = closed;
    this.#depth = depth;
  }

  read(): Block[] {
    const found: Flat[] = [];
    const blank = this.#blankLines();
    if (blank !== '') found.push({ kind: 'prose', text: blank, name: '' });
    while (this.#at < this.#lines.length) found.push(this.#readOne());
    return arrangeBlocks(found);
  }

  #readOne(): Flat {
    const line = this.#lines[this.#at] ?? '';
    const head = heading.exec(line);
    if (head) return { level: head[1]?.length ?? 1, name: (head[2] ?? '').trim(), text: this.#take(this.#at + 1) };
    const fenceEnd = this.#fenceEnd();
    if (fenceEnd !== undefined) return { kind: 'code', text: this.#take(fenceEnd), name: '' };
    if (comment.test(line)) return { kind: 'comment', text: this.#take(this.#at + 1), name: '' };
    const tag = tagStart.exec(line)?.[1];
    const end = tag !== undefined && this.#closed.has(tag) ? this.#tagEnd(tag) : undefined;
    if (tag !== undefined && end !== undefined) return this.#readTag(tag, end);
    if (listItem.test(line)) return { kind: 'list', text: this.#take(this.#listEnd()), name: '' };
    return { kind: 'prose', text: this.#take(this.#proseEnd()), name: '' };
  }

  /** An example is of one piece; other tags are looked into. */
  #readTag(name: string, end: number): Block {
    const isWhole = end - this.#at < 2 || exampleTag.test(name) || this.#depth >= deepestTag;
    if (isWhole) return { kind: 'tag', name, text: this.#take(end) };
    const open = this.#lines[this.#at] ?? '';
    const inner = this.#lines.slice(this.#at + 1, end - 1);
    const blocks = new BlockReader(inner, this.#closed, this.#depth + 1).read();
    this.#at = end - 1;
    return { kind: 'tag', name, open, blocks, close: this.#take(end) };
  }

  /** @returns the text up to a line and the blank lines behind it */
  #take(end: number): string {
    const text = this.#lines.slice(this.#at, end).join('');
    this.#at = end;
    return text + this.#blankLines();
  }

  #blankLines(): string {
    let text = '';
    for (let line = this.#lines[this.#at]; line !== undefined && line.trim() === ''; line = this.#lines[this.#at]) {
      text += line;
      this.#at += 1;
    }
    return text;
  }

  #fenceEnd(): number | undefined {
    const mark = fence.exec(this.#lines[this.#at] ?? '')?.[1];
    if (mark === undefined) return undefined;
    const end = this.#find(this.#at + 1, (line) => line.trim().startsWith(mark) && /^[`~]+$/.test(line.trim()));
    return end === undefined ? undefined : end + 1;
  }

  #tagEnd(name: string): number | undefined {
    let depth = 0;
    const end = this.#find(this.#at, (line) => {
      if (tagStart.exec(line.trimStart())?.[1] === name) depth += 1;
      if (line.includes(`</${name}>`)) depth -= 1;
      return depth <= 0;
    });
    return end === undefined ? undefined : end + 1;
  }

  /** Items, what is indented under them, and blank lines between. */
  #listEnd(): number {
    let end = this.#at + 1;
    for (let next = end; next < this.#lines.length; next += 1) {
      const line = this.#lines[next] ?? '';
      if (line.trim() === '') continue;
      const isNextLine = next === end;
      if (!listItem.test(line) && !/^[ \t]+\S/.test(line) && !(isNextLine && this.#isPlain(line))) break;
      end = next + 1;
    }
    return end;
  }

  #proseEnd(): number {
    const isEnd = (line: string): boolean => line.trim() === '' || !this.#isPlain(line);
    return this.#find(this.#at + 1, isEnd) ?? this.#lines.length;
  }

  #isPlain(line: string): boolean {
    return ![heading, fence, tagStart, comment, listItem].some((start) => start.test(line));
  }

  #find(from: number, isWanted: (line: string) => boolean): number | undefined {
    for (let index = from; index < this.#lines.length; index += 1) if (isWanted(this.#lines[index] ?? '')) return index;
    return undefined;
  }
}
