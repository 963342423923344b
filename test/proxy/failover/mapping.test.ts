import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settingsSchema } from '../../../proxy/contract/settings.ts';
import { resolveTier } from '../../../proxy/failover/mapping.ts';

function mappingOf(mapping: object) {
  return settingsSchema.parse({ mapping }).mapping;
}

describe('resolveTier', () => {
  it('decides by the name alone', () => {
    assert.deepEqual(resolveTier('claude-haiku-4-5-20251001', mappingOf({})), { tier: 'small' });
    assert.equal(resolveTier('gpt-4o', mappingOf({})), undefined);
  });

  it('gives the target of a pattern as the settings wrote it', () => {
    const mapping = mappingOf({ patterns: [{ match: 'gpt-*', to: { model: 'x' } }] });
    assert.deepEqual(resolveTier('gpt-4o', mapping), { target: { model: 'x' } });
  });

  it('gives the first upstream that lists an id', () => {
    const listed = new Map([
      ['one', ['a/b']],
      ['two', ['a/b', 'c/d']],
    ]);
    assert.deepEqual(resolveTier('a/b', mappingOf({}), listed), { target: { upstream: 'one', model: 'a/b' } });
    assert.deepEqual(resolveTier('c/d', mappingOf({}), listed), { target: { upstream: 'two', model: 'c/d' } });
  });
});
