import {
  type AssistantMessage,
  type ChatContentPart,
  type ChatMessage,
  isMediaPart,
  type UserMessage,
} from '../openai/chat-request.ts';
import { asFields, type Fields } from '../openai/chunk.ts';

/** A message of POST /api/chat (protocol.md 5). */
export interface OllamaMessage {
  role: ChatMessage['role'];
  content: string;
  thinking?: string;
  /** In base64, without the `data:` head. */
  images?: string[];
  tool_calls?: { id: string; function: { name: string; arguments: Fields } }[];
  /** Whose result this is; Ollama's templates know tools by name, newer ones also by id. */
  tool_name?: string;
  tool_call_id?: string;
}

/**
 * Writes a conversation in Ollama's own form.
 * @param seesImages false puts a sentence in an image's place: Ollama fails on images that a model can't see
 */
export function writeOllamaMessages(messages: readonly ChatMessage[], seesImages: boolean): OllamaMessage[] {
  /** Call id -> name: chat completions name a tool in the call only. */
  const names = new Map<string, string>();
  const written: OllamaMessage[] = [];
  for (const message of messages) {
    // In order: careless clients use an id again in a later turn.
    if (message.role === 'assistant')
      for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
    written.push(writeMessage(message, names, seesImages));
  }
  return written;
}

function writeMessage(message: ChatMessage, names: ReadonlyMap<string, string>, seesImages: boolean): OllamaMessage {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.content };
    case 'user':
      return writeUser(message, seesImages);
    case 'assistant':
      return writeAssistant(message);
    case 'tool': {
      const { content, tool_call_id } = message;
      const name = names.get(tool_call_id);
      return { role: 'tool', content, ...(name !== undefined && { tool_name: name }), tool_call_id };
    }
  }
}

function writeUser({ content }: UserMessage, seesImages: boolean): OllamaMessage {
  if (typeof content === 'string') return { role: 'user', content };
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of content) {
    const image = imageOf(part);
    if (image !== undefined && seesImages) images.push(image);
    else texts.push(textOf(part));
  }
  return { role: 'user', content: texts.join('\n'), ...(images.length > 0 && { images }) };
}

const dataUrl = /^data:image\/[\w.+-]+(?:;[\w-]+=[^;,]*)*;base64,/i;

function imageOf(part: ChatContentPart): string | undefined {
  if (isMediaPart(part) || part.type !== 'image_url') return undefined;
  const { url } = part.image_url;
  const head = dataUrl.exec(url.slice(0, 200));
  return head ? url.slice(head[0].length) : undefined;
}

/** What Ollama can't be given becomes a sentence, so that the model can say so. */
function textOf(part: ChatContentPart): string {
  if (isMediaPart(part)) return "[A sound or film stood here. The local model can't take it.]";
  switch (part.type) {
    case 'text':
      return part.text;
    case 'image_url': {
      const { url } = part.image_url;
      const where = /^https?:/i.test(url) ? ` of the address ${url}` : '';
      return `[An image${where} stood here. The local model can't see it.]`;
    }
    case 'file':
      return `[The file ${part.file.filename} stood here. The local model can't read it.]`;
  }
}

function writeAssistant(message: AssistantMessage): OllamaMessage {
  const { reasoning_content: thinking, tool_calls: calls } = message;
  return {
    role: 'assistant',
    content: message.content ?? '',
    ...(thinking !== undefined && { thinking }),
    ...(calls && {
      tool_calls: calls.map(({ id, function: call }) => ({
        id,
        function: { name: call.name, arguments: readArguments(call.arguments) },
      })),
    }),
  };
}

/** Ollama's templates walk over the arguments, so they are an object there; a text that is none goes under `input`. */
function readArguments(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return asFields(value) ?? { input: value };
  } catch {
    return text.trim() === '' ? {} : { input: text };
  }
}
