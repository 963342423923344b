import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Profile } from '../../../proxy/contract/profile.ts';
import { thinkingFields } from '../../../proxy/translate/thinking.ts';
import { sampleProfile, sampleRequest } from './request-sample.ts';

function fields(dialect: Profile['thinking'], request: Record<string, unknown>, disabled = false): unknown {
  return thinkingFields(sampleRequest(request), sampleProfile({ thinking: dialect }), disabled);
}

const on = [
  { type: 'enabled', budget_tokens: 2_000 },
  { type: 'adaptive', display: 'omitted' },
  { type: 'between_tools' },
  { type: 'of_tomorrow' },
];
const off = [undefined, null, { type: 'disabled' }];

describe('thinking', () => {
  const switches: [Profile['thinking'], unknown, unknown][] = [
    ['none', {}, {}],
    [
      'enable-thinking-kwarg',
      { chat_template_kwargs: { enable_thinking: true } },
      { chat_template_kwargs: { enable_thinking: false } },
    ],
    ['thinking-kwarg', { chat_template_kwargs: { thinking: true } }, { chat_template_kwargs: { thinking: false } }],
    ['thinking-type', { thinking: { type: 'enabled' } }, { thinking: { type: 'disabled' } }],
    ['enable-thinking-field', { enable_thinking: true }, { enable_thinking: false }],
  ];
  for (const [dialect, whenOn, whenOff] of switches)
    it(`is switched by ${dialect}; absent means off, and DISABLE_THINKING always`, () => {
      for (const thinking of on) {
        assert.deepEqual(fields(dialect, { thinking }), whenOn);
        assert.deepEqual(fields(dialect, { thinking }, true), whenOff);
      }
      for (const thinking of off)
        assert.deepEqual(fields(dialect, { thinking, output_config: { effort: 'max' } }), whenOff);
    });

  const efforts: [string, Record<string, unknown>, string][] = [
    ['no thinking', {}, 'low'],
    ['thinking switched off', { thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, 'low'],
    ['adaptive', { thinking: { type: 'adaptive' } }, 'medium'],
    ['4096 tokens', { thinking: { type: 'enabled', budget_tokens: 4_096 } }, 'low'],
    ['4097 tokens', { thinking: { type: 'enabled', budget_tokens: 4_097 } }, 'medium'],
    ['16384 tokens', { thinking: { type: 'enabled', budget_tokens: 16_384 } }, 'medium'],
    ['31999 tokens', { thinking: { type: 'enabled', budget_tokens: 31_999 } }, 'high'],
    ['low effort', { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } }, 'low'],
    ['medium effort', { output_config: { effort: 'medium' } }, 'medium'],
    ['high effort', { output_config: { effort: 'high' } }, 'high'],
    ['xhigh effort', { output_config: { effort: 'xhigh' } }, 'high'],
    ['max effort', { output_config: { effort: 'max' } }, 'high'],
    ['unknown effort', { thinking: { type: 'adaptive' }, output_config: { effort: 'heroic' } }, 'medium'],
    [
      'effort before budget',
      { thinking: { type: 'enabled', budget_tokens: 2_000 }, output_config: { effort: 'high' } },
      'high',
    ],
  ];
  for (const [name, request, expected] of efforts)
    it(`${name} is ${expected} reasoning effort`, () => {
      assert.deepEqual(fields('reasoning-effort', request), { reasoning_effort: expected });
      assert.deepEqual(fields('reasoning-effort', request, true), { reasoning_effort: 'low' });
    });
});
