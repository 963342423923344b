import { parentPort } from 'node:worker_threads';
import { getDocumentProxy } from 'unpdf';
import type { PdfQuestion, PdfReading } from './pdf-reading.ts';

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

/** Reads a PDF's text layer. */
async function readPdf(data: string): Promise<PdfReading> {
  let document: PdfDocument | undefined;
  try {
    // A copy, because pdf.js takes the memory over. Verbosity 0: its warnings would go to stdout, which is not ours.
    document = await getDocumentProxy(new Uint8Array(Buffer.from(data, 'base64')), { verbosity: 0 });
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number += 1) pages.push(await readPage(document, number));
    return { pages };
  } catch (error) {
    // pdf.js throws its own classes for what the file is to blame for; all say that it can't be read.
    return { problem: error instanceof Error && error.name === 'PasswordException' ? 'encrypted' : 'damaged' };
  } finally {
    // What fails in tidying up says nothing about what was read.
    await document?.loadingTask.destroy().catch(() => undefined);
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

// pdf.js leaves promises behind that nobody waits for, and some fail on a damaged file (seen: XRefEntryException). The
// reading itself tells what came of the file, so these must not end the thread.
process.on('unhandledRejection', () => undefined);

parentPort?.on('message', async ({ data }: PdfQuestion) => {
  parentPort?.postMessage(await readPdf(data));
});
