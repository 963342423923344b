import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ProfileOverride, settingsSchema } from '../../../proxy/contract/settings.ts';
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

  it('shapes prompts for small models', () => {
    for (const model of [
      'zai-org/GLM-4.7-Flash',
      'zai-org/GLM-4.7-FlashX',
      'glm-4.7-flash',
      'glm-4.7-flash:q4_K_M',
      'qwen3-coder:30b',
      'qwen3-coder',
      'qwen3:8b',
      'qwen3:30b-a3b-instruct-2507-q4_K_M',
      'Qwen/Qwen3-8B',
      'Qwen/Qwen3-30B-A3B',
      'Qwen/Qwen2.5-Coder-32B-Instruct-AWQ',
      'gpt-oss:20b',
      'openai/gpt-oss-20b',
      'gemma4',
      'gemma3:27b',
      'google/gemma-3-12b-it',
      'llama3.1:8b',
      'meta-llama/Llama-3.2-3B-Instruct',
      'deepseek-r1:14b',
      'mistral-small3.2:24b',
      'devstral',
      'phi4:14b',
    ])
      assert.deepEqual(
        resolveProfile(model, none).shaping,
        { systemLimit: 4000, toolDescriptionLimit: 1000, antiRefusal: true },
        model,
      );
  });

  it('leaves the prompts of big and of unknown models alone', () => {
    for (const model of [
      'zai-org/GLM-5.1',
      'zai-org/GLM-4.7',
      'zai-org/GLM-4.6',
      'openai/gpt-oss-120b',
      'gpt-oss:120b',
      'gpt-oss:120b-cloud',
      'Qwen/Qwen3-235B-A22B',
      'Qwen/Qwen3-Coder-480B-A35B-Instruct',
      'qwen3-coder:480b-cloud',
      'Qwen/Qwen3-Coder-Next',
      'Qwen/Qwen3.5-397B-A17B',
      'ai-sage/GigaChat3.5-432B-A28B',
      'GigaChat/GigaChat-2-Max',
      'MiniMaxAI/MiniMax-M3',
      'moonshotai/Kimi-K2.6',
      'deepseek-ai/DeepSeek-V4-Pro',
      'deepseek-r1:671b',
      'llama3.3:70b',
      'meta-llama/Llama-4-Scout-17B-16E-Instruct',
      'mistralai/Mixtral-8x22B-Instruct-v0.1',
      'mistralai/Mistral-Large-2411',
      'z-ai/glm-4.6v',
      'gpt-5.4',
      'nobody/knows-it',
    ])
      assert.equal(resolveProfile(model, none).shaping, undefined, model);
  });

  it('lets the settings switch shaping off and on', () => {
    const { profiles } = settingsSchema.parse({
      profiles: [
        { match: 'glm-4.7-flash', profile: { shaping: null } },
        { match: 'qwen3-coder:30b', profile: { shaping: { systemLimit: 8000 } } },
        { match: 'zai-org/GLM-5.1', profile: { shaping: {} } },
      ],
    });
    const full = { systemLimit: 4000, toolDescriptionLimit: 1000, antiRefusal: true };
    assert.equal(resolveProfile('zai-org/GLM-4.7-Flash', profiles).shaping, null);
    assert.deepEqual(resolveProfile('qwen3-coder:30b', profiles).shaping, { ...full, systemLimit: 8000 });
    assert.deepEqual(resolveProfile('zai-org/GLM-5.1', profiles).shaping, full);
    assert.equal(resolveProfile('zai-org/GLM-4.7', profiles).shaping, undefined);
  });

  it('tells of misspelt fields and of limits that leave no room', () => {
    const refused = (profile: object) => settingsSchema.safeParse({ profiles: [{ match: '*', profile }] }).error;
    assert.equal(refused({ shaping: {} }), undefined);
    for (const profile of [{ shapping: null }, { shaping: { limit: 4000 } }, { shaping: { systemLimit: 500 } }])
      assert.ok(refused(profile), JSON.stringify(profile));
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
