import type { AssistantMessage, ChatContentPart, ChatMessage } from '../openai/chat-request.ts';

type Draft = Exclude<ChatMessage, { role: 'user' }> | { role: 'user'; content: ChatContentPart[] };

/** Chat messages in the making: joins neighbours of one role, which many chat templates can't take one after another. */
export class MessageList {
  readonly #drafts: Draft[] = [];

  addUser(parts: readonly ChatContentPart[]): void {
    if (parts.length === 0) return;
    const last = this.#drafts.at(-1);
    if (last?.role === 'user') last.content.push(...parts);
    else this.#drafts.push({ role: 'user', content: [...parts] });
  }

  addSystem(text: string): void {
    this.#drafts.push({ role: 'system', content: text });
  }

  /** A message that says and calls nothing is left out: servers refuse it. */
  addAssistant(message: AssistantMessage): void {
    if (message.content === null && !message.tool_calls) return;
    const last = this.#drafts.at(-1);
    if (last?.role !== 'assistant' || last.tool_calls) {
      this.#drafts.push({ ...message });
      return;
    }
    const reasoning = joined(last.reasoning_content ?? null, message.reasoning_content ?? null);
    last.content = joined(last.content, message.content);
    if (reasoning !== null) last.reasoning_content = reasoning;
    if (message.tool_calls) last.tool_calls = message.tool_calls;
  }

  addTool(id: string, text: string): void {
    this.#drafts.push({ role: 'tool', tool_call_id: id, content: text });
  }

  toMessages(): ChatMessage[] {
    return this.#drafts.map((draft) => (draft.role === 'user' ? { ...draft, content: compact(draft.content) } : draft));
  }
}

function joined(first: string | null, second: string | null): string | null {
  return first === null || second === null ? (first ?? second) : `${first}\n\n${second}`;
}

/** Text alone goes as a plain string, which every server and template takes. */
function compact(parts: ChatContentPart[]): string | ChatContentPart[] {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === parts.length ? texts.join('\n\n') : parts;
}
