import { setImmediate } from 'node:timers/promises';
import { getDocumentProxy } from 'unpdf';

/** A PDF as text, page by page ('' for a page without any), or why it could not be read. */
export type PdfReading = { pages: string[] } | { problem: 'encrypted' | 'damaged' };

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

/**
 * Reads a PDF's text layer.
 * @param data the file in base64
 */
export async function readPdf(data: string): Promise<PdfReading> {
  let document: PdfDocument | undefined;
  try {
    // A copy, because pdf.js takes the memory over. Verbosity 0: its warnings would go to stdout, which is not ours.
    document = await getDocumentProxy(new Uint8Array(Buffer.from(data, 'base64')), { verbosity: 0 });
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      pages.push(await readPage(document, number));
      // pdf.js works in microtasks here; other exchanges get their turn between the pages.
      await setImmediate();
    }
    return { pages };
  } catch (error) {
    // pdf.js throws its own classes for what the file is to blame for; all say that it can't be read.
    return { problem: error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'damaged' };
  } finally {
    await document?.loadingTask.destroy();
  }
}

async function readPage(document: PdfDocument, number: number): Promise<string> {
  const page = await document.getPage(number);
  const { items } = await page.getTextContent();
  page.cleanup();
  return items
    .map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : ''))
    .join('')
    .trim();
}
