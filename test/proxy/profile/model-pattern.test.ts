import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitsModel, fitsPattern } from '../../../proxy/profile/model-pattern.ts';

describe('patterns on model names', () => {
  const fitting: [string, string][] = [
    ['*', ''],
    ['*', 'anything/at:all'],
    ['claude-*', 'claude-'],
    ['CLAUDE-*-4-5', 'claude-sonnet-4-5'],
    ['*a*a*', 'banana'],
    ['a*a', 'aba'],
    ['claude-opus-5[1m]', 'claude-opus-5[1m]'],
    ['**x', 'x'],
  ];
  for (const [pattern, name] of fitting)
    it(`${pattern} fits ${name || '(nothing)'}`, () => assert.ok(fitsPattern(pattern, name)));

  const foreign: [string, string][] = [
    ['claude', 'claude-opus'],
    ['a*a', 'a'],
    ['*ab*b', 'ab'],
    ['a.c', 'abc'],
    ['claude-opus-5[1m]', 'claude-opus-5m'],
    ['*sonnet', 'sonnet-5'],
  ];
  for (const [pattern, name] of foreign)
    it(`${pattern} does not fit ${name}`, () => assert.ok(!fitsPattern(pattern, name)));

  it('takes linear time where a regular expression would backtrack', () => {
    assert.ok(!fitsPattern(`${'*a'.repeat(200)}*b`, 'a'.repeat(100_000)));
  });

  it('is matched on the full id and on the id after the last slash', () => {
    assert.ok(fitsModel('glm-*', 'zai-org/GLM-5.1'));
    assert.ok(fitsModel('zai-org/*', 'zai-org/GLM-5.1'));
    assert.ok(!fitsModel('zai-*', 'other/GLM-5.1'));
  });
});
