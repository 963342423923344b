import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ToolNames } from '../../../proxy/translate/tool-names.ts';

const acceptable = /^[a-zA-Z0-9_-]{1,64}$/;

describe('ToolNames', () => {
  it('leaves acceptable names alone, up to 64 characters', () => {
    const names = ['Read', 'mcp__a-b__c', 'x'.repeat(64)];
    const mapped = new ToolNames(names);
    for (const name of names) assert.equal(mapped.sent(name), name);
  });

  it('shortens long and odd names and maps them back', () => {
    const odd = [`mcp__${'x'.repeat(80)}`, `mcp__${'x'.repeat(80)}2`, 'web.search', 'web search', 'Поиск', '', '🛤️'];
    const mapped = new ToolNames(odd);
    const sent = odd.map((name) => mapped.sent(name));
    for (const name of sent) assert.match(name, acceptable);
    assert.equal(new Set(sent).size, odd.length);
    assert.deepEqual(
      sent.map((name) => mapped.client(name)),
      odd,
    );
    assert.match(mapped.sent('web.search'), /^web_search_/);
  });

  it('gives a name the same form whatever else is declared', () => {
    const name = 'web.search';
    assert.equal(new ToolNames([name]).sent(name), new ToolNames(['Read', 'a b', name]).sent(name));
    assert.equal(new ToolNames([]).sent(name), new ToolNames([name]).sent(name));
  });

  it('never gives out a name that another tool really has', () => {
    const taken = new ToolNames(['web.search']).sent('web.search');
    const mapped = new ToolNames(['web.search', taken]);
    assert.equal(mapped.sent(taken), taken);
    assert.notEqual(mapped.sent('web.search'), taken);
    assert.equal(mapped.client(mapped.sent('web.search')), 'web.search');
  });

  it('gives a name back that it never sent', () => assert.equal(new ToolNames(['Read']).client('Bash'), 'Bash'));
});
