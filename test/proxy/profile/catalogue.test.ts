import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findCatalogued, isChatModel, modelsListedBy, priceOf } from '../../../proxy/profile/catalogue.ts';

describe('the catalogue', () => {
  it('knows the windows and prices of cloud.ru (protocol.md 4)', () => {
    const glm = findCatalogued('zai-org/GLM-5.1');
    assert.equal(glm?.contextWindow, 202_752);
    assert.deepEqual(priceOf('zai-org/GLM-5.1'), { inputRub: 198.86, outputRub: 829.6 });
    assert.deepEqual(priceOf('openai/gpt-oss-120b'), { inputRub: 15.86, outputRub: 61 });
    assert.equal(findCatalogued('deepseek-ai/DeepSeek-V4-Pro')?.contextWindow, 1_048_576);
    assert.equal(findCatalogued('moonshotai/Kimi-K2.6')?.vision, true);
  });

  it('tells an unknown price by its absence, never by a number', () => {
    assert.equal(priceOf('GigaChat/GigaChat-2-Max'), undefined);
    assert.equal(priceOf('glm-4.7-flash'), undefined);
    assert.equal(priceOf('nobody/knows-it'), undefined);
  });

  it('finds a model whatever the case, owner or packing, but tells a price for the listed id only', () => {
    assert.equal(priceOf('ZAI-ORG/glm-5.1')?.inputRub, 198.86);
    for (const kin of ['GLM-5.1', 'someone/GLM-5.1', 'zai-org/GLM-5.1-FP8', 'glm-5.1:cloud']) {
      assert.equal(findCatalogued(kin)?.contextWindow, 202_752, kin);
      assert.equal(priceOf(kin), undefined, kin);
      assert.equal(findCatalogued(kin)?.listed, undefined, kin);
    }
  });

  it('lists by bare name what cloud.ru passes on under an owner that is not published', () => {
    assert.equal(priceOf('z-ai/glm-5.2')?.outputRub, 606.05);
  });

  it('does not take one size for another', () => {
    assert.equal(findCatalogued('gpt-oss:7b'), undefined);
    assert.equal(findCatalogued('Qwen/Qwen3-Coder'), findCatalogued('qwen3-coder'));
  });

  it('names where each number comes from', () => {
    for (const entry of modelsListedBy('cloudru')) assert.match(entry.source, /\w{5}/, entry.id);
    assert.ok(modelsListedBy('cloudru').length >= 13);
    assert.ok(modelsListedBy('ollama').length >= 4);
  });

  it('tells chat models from the others on the list', () => {
    for (const id of [
      'BAAI/bge-m3',
      'openai/whisper-large-v3',
      'Qwen/Qwen3-Embedding-8B',
      'x/bge-reranker-v2',
      'tts-1',
    ])
      assert.ok(!isChatModel(id), id);
    for (const id of ['zai-org/GLM-5.1', 'nobody/knows-it', 'flexible-7b', 'clipper']) assert.ok(isChatModel(id), id);
  });
});
