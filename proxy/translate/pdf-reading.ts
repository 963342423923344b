/** What crosses to the PDF thread: the file in base64. */
export interface PdfQuestion {
  data: string;
}

/**
 * A PDF as text, page by page ('' for a page without any), or why it could not be read. `too-heavy`: it took more time
 * or memory than a document is given.
 */
export type PdfReading = { pages: string[] } | { problem: PdfProblem };

export type PdfProblem = 'encrypted' | 'damaged' | 'too-heavy';
