import { estimateImage, estimateLinkedImage, estimatePdf } from './token-media.ts';

/** As much of a Messages request as is counted. Anything unknown in it is borne. */
export interface CountableRequest {
  readonly system?: unknown;
  readonly tools?: unknown;
  readonly messages?: unknown;
}

/** Takes what a request's tokens are made of. */
export interface TokenSink {
  text(text: string): void;
  /** A value that reaches the model as JSON. */
  json(value: unknown): void;
  /** A declared tool, as the client sent it: the same object in each turn, so that what is made of it can be kept. */
  tool(tool: Fields): void;
  /** Tokens that no text stands for: images, and the words that a chat template adds. */
  fixed(tokens: number): void;
}

/** What a chat template writes around a message, and before the answer. */
const tokensPerMessage = 4;

export type Fields = Readonly<Record<string, unknown>>;

/** Walks over everything in a request that costs tokens, in its order. */
export function walkRequest(request: CountableRequest, sink: TokenSink): void {
  walkContent(request.system, sink);
  for (const tool of listOf(request.tools)) if (isFields(tool)) sink.tool(tool);
  for (const message of listOf(request.messages)) {
    sink.fixed(tokensPerMessage);
    if (isFields(message)) walkContent(message.content, sink);
  }
}

/** @returns a tool in the form that reaches the model */
export function countedTool({ name, description, input_schema: parameters }: Fields): unknown {
  return { type: 'function', function: { name, description, parameters } };
}

function walkContent(content: unknown, sink: TokenSink): void {
  if (typeof content === 'string') sink.text(content);
  else for (const block of listOf(content)) walkBlock(block, sink);
}

function walkBlock(block: unknown, sink: TokenSink): void {
  if (!isFields(block)) return;
  switch (block.type) {
    case 'text':
      walkText(block.text, sink);
      break;
    case 'thinking':
      walkText(block.thinking, sink);
      break;
    case 'redacted_thinking':
      // Sealed: it goes to no upstream.
      break;
    case 'image':
      walkImage(block.source, sink);
      break;
    case 'input_audio':
    case 'audio_url':
    case 'video_url':
      // How long they play can't be told from here.
      sink.fixed(estimateLinkedImage());
      break;
    case 'document':
      walkText(block.title, sink);
      walkText(block.context, sink);
      walkDocument(block.source, sink);
      break;
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      sink.json({ name: block.name, arguments: block.input });
      break;
    case 'tool_result':
      walkContent(block.content, sink);
      break;
    case 'search_result':
      walkText(block.source, sink);
      walkText(block.title, sink);
      walkContent(block.content, sink);
      break;
    default: {
      const { cache_control: _, ...rest } = block;
      sink.json(rest);
      break;
    }
  }
}

function walkText(text: unknown, sink: TokenSink): void {
  if (typeof text === 'string') sink.text(text);
}

function walkImage(source: unknown, sink: TokenSink): void {
  const data = isFields(source) ? source.data : undefined;
  sink.fixed(typeof data === 'string' ? estimateImage(data) : estimateLinkedImage());
}

function walkDocument(source: unknown, sink: TokenSink): void {
  if (!isFields(source)) return;
  if (source.type === 'text') walkText(source.data, sink);
  else if (source.type === 'content') walkContent(source.content, sink);
  else sink.fixed(estimatePdf(typeof source.data === 'string' ? source.data.length : 0));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
