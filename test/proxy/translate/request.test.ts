import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translateRequest } from '../../../proxy/translate/request.ts';
import { assertLegal } from './chat-legality.ts';
import { claudeCodeRequest, sampleOptions, sampleRequest, translateSample } from './request-sample.ts';

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) freeze(inner);
}

describe('translateRequest', () => {
  it('makes a whole request of Claude Code a legal chat request', () => {
    const { chat, tools } = translateSample(claudeCodeRequest());
    assertLegal(chat.messages);
    assert.deepEqual(
      chat.messages.map((message) => message.role),
      ['system', 'user', 'system', 'assistant', 'tool', 'tool', 'user', 'assistant', 'user'],
    );
    assert.equal(chat.messages[0]?.content, "You are Claude Code, Anthropic's official CLI for Claude.\n\nBe concise.");
    assert.equal(tools.size, 3);
    assert.equal(chat.model, 'zai-org/GLM-5.1');
    assert.deepEqual([chat.stream, chat.stream_options], [true, { include_usage: true }]);
  });

  it('sends only fields of chat completions, and nothing of cache, account or ciphertext', () => {
    const { chat } = translateSample(claudeCodeRequest());
    assert.deepEqual(Object.keys(chat).sort(), [
      'chat_template_kwargs',
      'max_tokens',
      'messages',
      'model',
      'stream',
      'stream_options',
      'tool_choice',
      'tools',
      'user',
    ]);
    assert.doesNotMatch(
      JSON.stringify(chat),
      /cache_control|8c1f-secret|billing-header|zzz|c3RyZWxrYQ|context_management|defer_loading|\$schema/,
    );
  });

  it('streams upstream even for a client that does not', () => {
    const { chat } = translateSample({ stream: false });
    assert.equal(chat.stream, true);
  });

  it('only reads the request and gives the same bytes each time', () => {
    const request = sampleRequest(claudeCodeRequest());
    freeze(request);
    const options = sampleOptions({ profile: { forcedToolChoice: false, systemAnywhere: false } });
    assert.equal(
      JSON.stringify(translateRequest(request, options).chat),
      JSON.stringify(translateRequest(request, options).chat),
    );
  });

  it('keeps the beginning of a conversation the same as it grows, for the prefix cache', () => {
    const whole = claudeCodeRequest();
    const messages = Array.isArray(whole.messages) ? whole.messages : [];
    const short = translateSample({ ...whole, messages: messages.slice(0, 4) }).chat.messages;
    assert.deepEqual(translateSample(whole).chat.messages.slice(0, short.length), short);
  });
});
