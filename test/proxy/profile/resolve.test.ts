import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProfileOverride } from '../../../proxy/contract/settings.ts';
import { resolveProfile } from '../../../proxy/profile/resolve.ts';

const none: ProfileOverride[] = [];

describe('profiles', () => {
  const dialects: [string, ReturnType<typeof resolveProfile>['thinking']][] = [
    ['zai-org/GLM-5.1', 'enable-thinking-kwarg'],
    ['zai-org/GLM-4.7-Flash', 'enable-thinking-kwarg'],
    ['Qwen/Qwen3-Coder-Next', 'none'],
    ['Qwen/Qwen3-Coder-480B-A35B-Instruct', 'none'],
    ['qwen3-coder:30b', 'none'],
    ['Qwen/Qwen3.6-35B-A3B', 'enable-thinking-kwarg'],
    ['Qwen/Qwen3.5-397B-A17B', 'enable-thinking-kwarg'],
    ['Qwen/Qwen3-235B-A22B', 'enable-thinking-kwarg'],
    ['Qwen/Qwen3-235B-A22B-Instruct-2507', 'none'],
    ['openai/gpt-oss-120b', 'reasoning-effort'],
    ['gpt-oss:20b', 'reasoning-effort'],
    ['openai/gpt-5.4', 'reasoning-effort'],
    ['deepseek-ai/DeepSeek-V4-Pro', 'thinking-kwarg'],
    ['deepseek-ai/DeepSeek-V3-0324', 'none'],
    ['moonshotai/Kimi-K2.6', 'thinking-kwarg'],
    ['MiniMaxAI/MiniMax-M2.5', 'none'],
    ['z-ai/glm-4.6v', 'none'],
    ['nobody/knows-it', 'none'],
  ];
  for (const [model, thinking] of dialects)
    it(`${model} switches thinking by ${thinking}`, () => assert.equal(resolveProfile(model, none).thinking, thinking));

  it('sends thoughts back to the models that want them', () => {
    for (const model of [
      'zai-org/GLM-5.1',
      'MiniMaxAI/MiniMax-M3',
      'moonshotai/Kimi-K2.6',
      'deepseek-ai/DeepSeek-V4-Pro',
    ])
      assert.ok(resolveProfile(model, none).replayReasoning, model);
    for (const model of ['openai/gpt-oss-120b', 'Qwen/Qwen3-Coder-Next', 'nobody/knows-it'])
      assert.ok(!resolveProfile(model, none).replayReasoning, model);
  });

  it('knows which models see images', () => {
    for (const model of [
      'moonshotai/Kimi-K2.6',
      'z-ai/glm-4.6v',
      'Qwen/Qwen3-VL-235B',
      'qwen3-vl',
      'qwen3-vl:8b',
      'gemma4',
    ])
      assert.ok(resolveProfile(model, none).vision, model);
    for (const model of ['zai-org/GLM-5.1', 'openai/gpt-oss-120b', 'nobody/knows-it'])
      assert.ok(!resolveProfile(model, none).vision, model);
  });

  it('knows the oddities of single families', () => {
    assert.equal(resolveProfile('moonshotai/Kimi-K2.6', none).toolCallIds, 'kimi');
    assert.equal(resolveProfile('mistralai/Devstral-Small', none).toolCallIds, 'nine-alphanumerics');
    assert.equal(resolveProfile('openai/gpt-5.4', none).maxTokensField, 'max_completion_tokens');
    assert.equal(resolveProfile('Qwen/Qwen3.5-397B-A17B', none).systemAnywhere, false);
    assert.equal(resolveProfile('zai-org/GLM-4.7', none).systemAnywhere, true);
    assert.equal(resolveProfile('deepseek-ai/DeepSeek-R1', none).thinkingPrefilled, true);
  });

  it('takes numbers from the catalogue and assumes safe ones elsewhere', () => {
    assert.equal(resolveProfile('zai-org/GLM-5.1', none).contextWindow, 202_752);
    assert.equal(resolveProfile('zai-org/GLM-5.1', none).maxOutputTokens, 131_072);
    const unknown = resolveProfile('nobody/knows-it', none);
    assert.equal(unknown.contextWindow, 131_072);
    assert.equal(unknown.maxOutputTokens, 32_768);
    assert.equal(unknown.maxTokensField, 'max_tokens');
    assert.equal(unknown.shaping, undefined);
  });

  it('lets the settings override single fields, the first match first', () => {
    const overrides: ProfileOverride[] = [
      { match: 'glm-5.1', profile: { thinking: 'thinking-type' } },
      { match: '*', profile: { thinking: 'none', contextWindow: 8192 } },
    ];
    const glm = resolveProfile('zai-org/GLM-5.1', overrides);
    assert.equal(glm.thinking, 'thinking-type');
    assert.equal(glm.contextWindow, 8192);
    assert.equal(glm.replayReasoning, true);
    assert.equal(resolveProfile('zai-org/GLM-4.7', overrides).thinking, 'none');
  });

  it('keeps the output cap within the window', () => {
    const small = resolveProfile('nobody/knows-it', [{ match: '*', profile: { contextWindow: 4096 } }]);
    assert.equal(small.maxOutputTokens, 4096);
  });

  it('does not let an absent value of an override hide what is known', () => {
    const glm = resolveProfile('zai-org/GLM-5.1', [{ match: '*', profile: { contextWindow: undefined } }]);
    assert.equal(glm.contextWindow, 202_752);
  });

  it('gives the same frozen object for the same question, and another for other overrides', () => {
    const profile = resolveProfile('zai-org/GLM-5.1', none);
    assert.equal(resolveProfile('zai-org/GLM-5.1', none), profile);
    assert.ok(Object.isFrozen(profile));
    assert.notEqual(resolveProfile('zai-org/GLM-5.1', []), profile);
  });
});
