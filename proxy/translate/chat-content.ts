import type { ContentBlock } from '../anthropic/blocks.ts';
import { StrelkaError } from '../errors.ts';
import { isMediaPart } from '../openai/chat-request.ts';
import type { RequestMessage, RequestPart } from '../openai/request.ts';
import { plainText } from './plain-text.ts';

/**
 * The content of a user's message or of a tool's result, as blocks.
 * @param param where it stands, for errors: messages[0].content
 * @throws StrelkaError 'unsupported-content' for a file that is only named by an id
 */
export function contentBlocks(content: RequestMessage['content'], param: string): ContentBlock[] {
  if (typeof content === 'string') return [textBlock(content)];
  return (content ?? []).map((part, index) => contentBlock(part, `${param}[${index}]`));
}

/** The content of a system's or an assistant's message: what is text in it. */
export function textBlocks(content: RequestMessage['content']): ContentBlock[] {
  if (typeof content === 'string') return [textBlock(content)];
  return (content ?? []).map((part) => textBlock(part.text ?? part.refusal ?? plainText(part)));
}

export function textBlock(text: string): ContentBlock {
  return { type: 'text', text };
}

function contentBlock(part: RequestPart, param: string): ContentBlock {
  const { type, text, refusal, image_url, file } = part;
  if (type === 'text' || type === 'refusal') return textBlock(text ?? refusal ?? '');
  if (type === 'image_url' && image_url) return imageBlock(image_url.url, image_url.detail ?? undefined);
  if (type === 'file' && file) return fileBlock(file, param);
  if (isMediaPart(part)) return part;
  return textBlock(plainText(part) || `[Content of the type "${type}" can't be shown here.]`);
}

const dataUrl = /^data:([^;,]*)[^,]*;base64,/i;

function imageBlock(url: string, detail: string | undefined): ContentBlock {
  return { type: 'image', source: base64Source(url) ?? { type: 'url', url }, ...(detail && { detail }) };
}

function fileBlock({ file_data, filename }: NonNullable<RequestPart['file']>, param: string): ContentBlock {
  if (!file_data)
    throw new StrelkaError(
      'unsupported-content',
      "A file is named only by its id, and Strelka keeps no files. Send its content as 'file_data'.",
      { param: `${param}.file` },
    );
  const source = base64Source(file_data) ?? { type: 'base64', media_type: bareType(file_data), data: file_data };
  if (source.media_type.startsWith('image/')) return { type: 'image', source };
  return { type: 'document', source, ...(filename && { title: filename }) };
}

function base64Source(url: string): { type: 'base64'; media_type: string; data: string } | undefined {
  const head = dataUrl.exec(url);
  if (!head) return undefined;
  return { type: 'base64', media_type: head[1] || 'text/plain', data: url.slice(head[0].length) };
}

/** Some clients leave the `data:` in front out. Base64 of "%PDF" begins so. */
function bareType(base64: string): string {
  return base64.startsWith('JVBER') ? 'application/pdf' : 'application/octet-stream';
}
