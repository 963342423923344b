import { type ContentBlock, isBlock } from '../anthropic/blocks.ts';
import { searchResultText } from './document-content.ts';
import { plainText } from './plain-text.ts';

/**
 * Collects what an assistant said into the one string that a chat message holds. Neighbouring text blocks are pieces
 * of one sentence (Anthropic splits them at citations); what stands between other blocks is a paragraph of its own.
 */
export class AssistantText {
  readonly #paragraphs: string[] = [];
  #continues = false;

  /** Takes the next block of the message; thinking and tool calls only end the paragraph. */
  add(block: ContentBlock): void {
    if (isBlock(block, 'text')) {
      const last = this.#continues ? this.#paragraphs.pop() : undefined;
      this.#paragraphs.push((last ?? '') + block.text);
      this.#continues = true;
      return;
    }
    this.#continues = false;
    if (block.type === 'thinking' || block.type === 'tool_use') return;
    this.#paragraphs.push(isBlock(block, 'search_result') ? searchResultText(block) : plainText(block));
  }

  /** @returns the text as it was said, to the space; '' where there was nothing but white space */
  toString(): string {
    return this.#paragraphs.filter((paragraph) => paragraph.trim() !== '').join('\n\n');
  }
}
