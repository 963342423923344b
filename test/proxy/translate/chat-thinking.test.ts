import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Profile } from '../../../proxy/contract/profile.ts';
import type { ThinkingFields } from '../../../proxy/translate/thinking.ts';
import { translateChatSample } from './chat-sample.ts';

const switches = ['chat_template_kwargs', 'thinking', 'enable_thinking', 'reasoning_effort'];

/** What of thinking reaches the upstream, whether Strelka wrote it or the client did. */
function sent(
  fields: Record<string, unknown>,
  thinking: Profile['thinking'],
  thinkingDisabled = false,
): Partial<ThinkingFields> {
  const { extra, ...chat } = translateChatSample(fields, { profile: { thinking }, thinkingDisabled }).chat;
  for (const name of Object.keys(extra ?? {})) assert.ok(!Object.hasOwn(chat, name), `${name} is said twice`);
  return Object.fromEntries(Object.entries({ ...extra, ...chat }).filter(([name]) => switches.includes(name)));
}

const dialects: [Profile['thinking'], on: ThinkingFields, off: ThinkingFields][] = [
  ['none', {}, {}],
  [
    'enable-thinking-kwarg',
    { chat_template_kwargs: { enable_thinking: true } },
    { chat_template_kwargs: { enable_thinking: false } },
  ],
  ['thinking-kwarg', { chat_template_kwargs: { thinking: true } }, { chat_template_kwargs: { thinking: false } }],
  ['thinking-type', { thinking: { type: 'enabled' } }, { thinking: { type: 'disabled' } }],
  ['enable-thinking-field', { enable_thinking: true }, { enable_thinking: false }],
  ['reasoning-effort', { reasoning_effort: 'medium' }, { reasoning_effort: 'low' }],
];

describe('thinking at the OpenAI door', () => {
  for (const [dialect, on, off] of dialects)
    it(`is switched in the dialect ${dialect}, and left to the model where nothing is said`, () => {
      assert.deepEqual(sent({}, dialect), {});
      assert.deepEqual(sent({ reasoning_effort: null }, dialect), {});
      assert.deepEqual(sent({ reasoning_effort: 'medium' }, dialect), on);
      assert.deepEqual(sent({ reasoning_effort: 'none' }, dialect), off);
      assert.deepEqual(sent({}, dialect, true), off);
      assert.deepEqual(sent({ reasoning_effort: 'high' }, dialect, true), off);
    });

  it('has the efforts that models know', () => {
    const effort = (reasoning_effort: string) => sent({ reasoning_effort }, 'reasoning-effort').reasoning_effort;
    assert.deepEqual(['minimal', 'low', 'high', 'xhigh', 'max'].map(effort), ['low', 'low', 'high', 'high', 'high']);
  });

  it("passes the client's own switches as they are, and they win over its effort", () => {
    const own = {
      thinking: { type: 'enabled', clear_thinking: false },
      enable_thinking: true,
      chat_template_kwargs: { enable_thinking: false, custom: 1 },
    };
    for (const [dialect] of dialects) {
      assert.deepEqual(sent(own, dialect), own);
      const { reasoning_effort: _, ...rest } = sent({ ...own, reasoning_effort: 'high' }, dialect);
      assert.deepEqual(
        rest,
        dialect === 'thinking-kwarg'
          ? { ...own, chat_template_kwargs: { thinking: true, ...own.chat_template_kwargs } }
          : own,
      );
    }
  });

  it("switched off in any case overrules the client's own switches and keeps what else it said", () => {
    const own = {
      thinking: { type: 'enabled' },
      enable_thinking: true,
      chat_template_kwargs: { enable_thinking: true, thinking: true, custom: 1 },
    };
    assert.deepEqual(sent(own, 'enable-thinking-kwarg', true), {
      chat_template_kwargs: { enable_thinking: false, custom: 1 },
    });
    assert.deepEqual(sent(own, 'thinking-type', true), {
      thinking: { type: 'disabled' },
      chat_template_kwargs: { custom: 1 },
    });
    assert.deepEqual(sent({ thinking: { type: 'enabled' } }, 'none', true), {});
  });
});
