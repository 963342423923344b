import { type ContentBlock, isBlock, isSource } from '../anthropic/blocks.ts';
import type { CountTokensRequest } from '../anthropic/request.ts';
import type { PdfReader } from './pdf.ts';
import type { PdfReading } from './pdf-reading.ts';

/** What was read of each PDF, by its base64 text: the same file stands in a conversation again and again. */
export type DocumentTexts = ReadonlyMap<string, PdfReading>;

const noDocuments: DocumentTexts = new Map();

/**
 * Reads the PDFs of a request, once per exchange and before any target is tried. The request keeps its files, for
 * models that take them as they are; so a PDF that can't be read is noted here and told by `translateRequest`, and only
 * where the target needs the text.
 * @param reader remembers what it read for earlier turns
 * @returns the texts; the same empty map, at once, where there is no PDF
 * @throws StrelkaError where the reader itself is closed or out of order
 */
export async function readDocuments(
  request: Pick<CountTokensRequest, 'messages'>,
  reader: PdfReader,
): Promise<DocumentTexts> {
  const files = new Set<string>();
  for (const message of request.messages) if (Array.isArray(message.content)) collectPdfs(message.content, files);
  if (files.size === 0) return noDocuments;
  const texts = new Map<string, PdfReading>();
  for (const data of files) texts.set(data, await reader.read(data));
  return texts;
}

/** Where documents can stand: among a message's blocks, and in a tool's result. */
function collectPdfs(blocks: readonly ContentBlock[], files: Set<string>): void {
  for (const block of blocks) {
    const data = pdfData(block);
    if (data !== undefined) files.add(data);
    else if (isBlock(block, 'tool_result') && Array.isArray(block.content)) collectPdfs(block.content, files);
  }
}

/** @returns the base64 text of a document block that holds a PDF file */
export function pdfData(block: ContentBlock): string | undefined {
  if (!isBlock(block, 'document') || !isSource(block.source, 'base64')) return undefined;
  return block.source.media_type === 'application/pdf' ? block.source.data : undefined;
}
