import type { Profile } from '../contract/profile.ts';
import type { ChatMessage, ChatRequest } from '../openai/chat-request.ts';

const instruction =
  'Your last answer was interrupted. Go on exactly where it stops: do not repeat any of it, do not comment on the interruption.';

/**
 * Makes the request that finishes an answer which broke off (issue 4, "After commit").
 * @param chat the same request, prepared for the target that takes over
 * @param sent the text that the client has already
 * @param manner how the target goes on: vLLM's and SGLang's `continue_final_message`, a trailing assistant message
 *   (Ollama), or an instruction
 */
export function continueChat(chat: ChatRequest, sent: string, manner: Profile['continuation']): ChatRequest {
  const text = sent.trimEnd();
  const begun: ChatMessage = { role: 'assistant', content: text };
  const messages = [...chat.messages];
  const last = messages.at(-1);
  // A client's own beginning of the answer and what followed it are one message.
  if (last?.role === 'assistant' && !last.tool_calls)
    messages[messages.length - 1] = { ...last, content: `${last.content ?? ''}${text}` };
  else messages.push(begun);
  if (manner === 'instruction') messages.push({ role: 'user', content: instruction });
  return {
    ...chat,
    messages,
    ...(manner === 'continue-final-message' && { continue_final_message: true, add_generation_prompt: false }),
  };
}
