import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serializeChat } from '../../../proxy/openai/chat-body.ts';
import type { ChatRequest, ChatTool } from '../../../proxy/openai/chat-request.ts';

const read: ChatTool = { type: 'function', function: { name: 'Read', parameters: { type: 'object' } } };
const write: ChatTool = { type: 'function', function: { name: 'Write', description: '«ю»', parameters: {} } };
const chat: ChatRequest = {
  model: 'm',
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: 'user', content: 'Привет 🚂' }],
};

function parsed(request: ChatRequest, streamed = true): unknown {
  return JSON.parse(serializeChat(request, streamed).toString('utf8'));
}

describe('the body of a chat request', () => {
  for (const tools of [undefined, [], [read], [read, write], [write, read], [read]])
    it(`is the JSON of the request with ${JSON.stringify(tools?.map((tool) => tool.function.name))}`, () => {
      const request = { ...chat, ...(tools && { tools }) };
      assert.deepEqual(parsed(request), request);
      assert.deepEqual(parsed(request), request, 'and again, from what is kept');
    });

  it('holds no stream_options where the answer is wanted in one piece', () => {
    const { stream_options: _dropped, ...rest } = chat;
    assert.deepEqual(parsed({ ...chat, tools: [read] }, false), { ...rest, stream: false, tools: [read] });
  });

  it("holds the client's further fields, and ours win", () => {
    assert.deepEqual(parsed({ ...chat, extra: { seed: 1, model: 'x' } }), { ...chat, seed: 1 });
  });
});
