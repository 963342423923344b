import type { ChatRequest, ChatTool } from './chat-request.ts';

/** JSON texts of tools. A tool that is declared again in the next turn is the same object (translate/tool-store.ts). */
const texts = new WeakMap<ChatTool, string>();

/**
 * @param streamed false where the answer is wanted in one piece
 * @returns the body of a chat completions request: JSON.stringify of it, with the tools' texts taken from the last turn
 */
export function serializeChat(chat: ChatRequest, streamed: boolean): string {
  const { tools, stream_options, extra, ...known } = chat;
  const rest = { ...extra, ...known };
  const head = JSON.stringify(streamed ? { ...rest, stream_options } : { ...rest, stream: false });
  if (tools === undefined) return head;
  return `${head.slice(0, -1)},"tools":[${tools.map(textOf).join(',')}]}`;
}

function textOf(tool: ChatTool): string {
  let text = texts.get(tool);
  if (text === undefined) {
    text = JSON.stringify(tool);
    texts.set(tool, text);
  }
  return text;
}
