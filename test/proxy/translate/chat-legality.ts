import assert from 'node:assert/strict';
import type { ChatMessage } from '../../../proxy/openai/chat-request.ts';

/**
 * Fails where a conversation breaks a rule of chat completions: a tool message answers a call of the assistant's
 * message before it, every call is answered before anything else is said, ids are unique, nothing is empty.
 */
export function assertLegal(messages: readonly ChatMessage[]): void {
  const seen = new Set<string>();
  let open: string[] = [];
  for (const [index, message] of messages.entries()) {
    const where = `message ${index} (${message.role})`;
    if (message.role === 'tool') {
      assert.ok(open.includes(message.tool_call_id), `${where} answers no open call`);
      assert.notEqual(message.content, '', `${where} is empty`);
      open = open.filter((id) => id !== message.tool_call_id);
      continue;
    }
    assert.equal(open.length, 0, `${where} comes before these calls are answered: ${open.join(', ')}`);
    if (message.role === 'system') assert.notEqual(message.content, '', `${where} is empty`);
    if (message.role === 'user') {
      assert.ok(message.content.length > 0, `${where} is empty`);
      assert.notEqual(messages[index - 1]?.role, 'user', `${where} follows another user message`);
    }
    if (message.role !== 'assistant') continue;
    assert.ok(message.content !== null || (message.tool_calls?.length ?? 0) > 0, `${where} is empty`);
    assert.notEqual(message.content, '', `${where} is empty`);
    for (const call of message.tool_calls ?? []) {
      assert.ok(!seen.has(call.id), `${where} repeats the id ${call.id}`);
      assert.match(call.function.name, /^[a-zA-Z0-9_-]{1,64}$/, where);
      const input: unknown = JSON.parse(call.function.arguments);
      assert.ok(typeof input === 'object' && input !== null && !Array.isArray(input), `${where} has odd arguments`);
      seen.add(call.id);
      open.push(call.id);
    }
  }
  assert.equal(open.length, 0, `these calls are never answered: ${open.join(', ')}`);
}
