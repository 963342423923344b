import { type ContentBlock, type DocumentBlock, isBlock, isSource } from '../anthropic/blocks.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatContentPart } from '../openai/chat-request.ts';
import { type ContentScope, textPart } from './content-scope.ts';
import { pdfData } from './documents.ts';
import type { PdfProblem } from './pdf-reading.ts';
import { plainText } from './plain-text.ts';

/**
 * A document block as chat content: text with its title and context, or the file itself where the model reads PDFs.
 * A file that only Anthropic could fetch is refused in a user's message, where the client can send it otherwise, and
 * named in a tool's result, where a 400 would block the conversation for good.
 * @param nested translates the blocks of a `content` source, which may hold images
 * @throws StrelkaError 'unsupported-content' that names the document
 */
export function translateDocument(
  block: DocumentBlock,
  scope: ContentScope,
  nested: (blocks: readonly ContentBlock[]) => ChatContentPart[],
): ChatContentPart[] {
  const { source } = block;
  if (isSource(source, 'text')) return [framed(block, source.data)];
  if (isSource(source, 'content')) {
    const parts = typeof source.content === 'string' ? [textPart(source.content)] : nested(source.content);
    const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    return [framed(block, texts.join('\n')), ...parts.filter((part) => part.type !== 'text')];
  }
  const data = pdfData(block);
  if (data !== undefined) {
    if (!scope.profile.readsPdf) return [framed(block, pdfText(block, data, scope))];
    const file = { filename: fileName(block), file_data: `data:application/pdf;base64,${data}` };
    const remark = [block.title, block.context].filter(Boolean).join('\n');
    return [...(remark ? [textPart(remark)] : []), { type: 'file', file }];
  }
  if (isSource(source, 'base64')) {
    if (/^(text\/|application\/json\b)/.test(source.media_type))
      return [framed(block, Buffer.from(source.data, 'base64').toString('utf8'))];
    return refused(block, scope, `is of the type ${source.media_type}`);
  }
  if (isSource(source, 'url')) return refused(block, scope, `lies at ${source.url} and is not fetched by Strelka`);
  return refused(block, scope, `has a source of the type "${source.type}", which only Anthropic's servers can read`);
}

/** The first two in Anthropic's words, by which clients know the case. */
const pdfProblems: Record<PdfProblem, string> = {
  encrypted: 'The PDF specified is password protected',
  damaged: 'The PDF specified was not valid or is damaged',
  'too-heavy': 'The PDF specified takes too much time or memory',
};

/** The text of a PDF; markers let the model name pages. */
function pdfText(block: DocumentBlock, data: string, scope: ContentScope): string {
  const reading = scope.documents.get(data) ?? { problem: 'damaged' as const };
  if ('problem' in reading)
    throw new StrelkaError(
      'unsupported-content',
      `${pdfProblems[reading.problem]}: ${named(block)} could not be read. Send a readable file, or its text.`,
    );
  const { pages } = reading;
  if (pages.every((page) => page === ''))
    return `[This PDF of ${pages.length} pages has no text layer: it holds only pictures of text, which can't be read here.]`;
  return pages.length === 1
    ? (pages[0] ?? '')
    : pages.map((page, index) => `[Page ${index + 1}]\n${page}`).join('\n\n');
}

function refused(block: DocumentBlock, scope: ContentScope, reason: string): ChatContentPart[] {
  if (scope.inToolResult) return [framed(block, `[This document ${reason}; its content is not available.]`)];
  throw new StrelkaError(
    'unsupported-content',
    `A document can't be passed on: ${named(block)} ${reason}. Send it as text, or as a PDF in base64 (capability_rejected: document_block).`,
  );
}

function framed(block: DocumentBlock, text: string): ChatContentPart {
  const lines = [
    '<document>',
    ...(block.title ? [`<title>${block.title}</title>`] : []),
    ...(block.context ? [`<context>${block.context}</context>`] : []),
    text,
    '</document>',
  ];
  return textPart(lines.join('\n'));
}

function named(block: DocumentBlock): string {
  return block.title ? `the document "${block.title}"` : 'a document without a title';
}

function fileName(block: DocumentBlock): string {
  const title = block.title || 'document';
  return title.toLowerCase().endsWith('.pdf') ? title : `${title}.pdf`;
}

/** A search result as text, with where it was found. */
export function searchResultText(block: ContentBlock): string {
  if (!isBlock(block, 'search_result')) return plainText(block);
  const lines = [
    '<search_result>',
    ...(block.title ? [`<title>${block.title}</title>`] : []),
    ...(block.source ? [`<source>${block.source}</source>`] : []),
    ...block.content.map((inner) => plainText(inner)),
    '</search_result>',
  ];
  return lines.join('\n');
}
