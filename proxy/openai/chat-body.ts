import type { ChatRequest, ChatTool } from './chat-request.ts';

/** Bytes of one list of tools. */
interface ToolList {
  tools: readonly ChatTool[];
  bytes: Buffer;
}

/**
 * Lists by their first tool. Tools that are declared again in the next turn are the same objects
 * (translate/tool-store.ts), so the list is known by comparing identities.
 */
const lists = new WeakMap<ChatTool, ToolList>();

/**
 * @param streamed false where the answer is wanted in one piece
 * @returns the body of a chat completions request: the bytes of its JSON, with those of its tools taken from the last turn,
 *   because they are most of it
 */
export function serializeChat(chat: ChatRequest, streamed: boolean): Buffer {
  const { tools, stream_options, extra, ...known } = chat;
  const rest = { ...extra, ...known };
  const head = JSON.stringify(streamed ? { ...rest, stream_options } : { ...rest, stream: false });
  if (tools === undefined) return Buffer.from(head);
  return Buffer.concat([Buffer.from(`${head.slice(0, -1)},"tools":`), bytesOf(tools), closing]);
}

const closing = Buffer.from('}');

function bytesOf(tools: readonly ChatTool[]): Buffer {
  const first = tools[0];
  if (first === undefined) return Buffer.from('[]');
  const known = lists.get(first);
  if (known?.tools.length === tools.length && known.tools.every((tool, index) => tool === tools[index]))
    return known.bytes;
  const bytes = Buffer.from(JSON.stringify(tools));
  lists.set(first, { tools, bytes });
  return bytes;
}
