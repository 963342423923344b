import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ToolIds } from '../../../proxy/translate/tool-ids.ts';

describe('ToolIds', () => {
  it('keeps acceptable ids and hashes others, always the same way', () => {
    const next = (id: string) => new ToolIds('any').next(id, 'Read');
    assert.equal(next('toolu_01AbC-9'), 'toolu_01AbC-9');
    for (const id of ['functions.Read:0', '', 'x'.repeat(65), 'ид']) {
      assert.match(next(id), /^call_[0-9a-f]{24}$/);
      assert.equal(next(id), next(id));
    }
    assert.notEqual(next('functions.Read:0'), next('functions.Read:1'));
  });

  it('numbers the calls of a conversation for Kimi', () => {
    const ids = new ToolIds('kimi');
    assert.deepEqual(
      [ids.next('a', 'Read'), ids.next('a', 'Read'), ids.next('functions.Bash:9', 'Bash')],
      ['functions.Read:0', 'functions.Read:1', 'functions.Bash:2'],
    );
  });

  it('makes nine letters and digits for Mistral', () => {
    const ids = new ToolIds('nine-alphanumerics');
    assert.equal(ids.next('abcDEF123', 'Read'), 'abcDEF123');
    const made = ids.next('toolu_1', 'Read');
    assert.match(made, /^[a-zA-Z0-9]{9}$/);
    assert.equal(new ToolIds('nine-alphanumerics').next('toolu_1', 'Read'), made);
  });

  it('gives each id once', () => {
    for (const style of ['any', 'kimi', 'nine-alphanumerics'] as const) {
      const ids = new ToolIds(style);
      const made = Array.from({ length: 300 }, (_, index) => ids.next(index % 3 === 0 ? 'same' : `id${index}`, 'Read'));
      assert.equal(new Set(made).size, made.length, style);
    }
  });
});
