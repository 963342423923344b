import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { type SampleOptions, translateSample } from './request-sample.ts';

const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const read = { name: 'Read', description: 'Reads', input_schema: schema };

function refusal(fields: Record<string, unknown>, kind: string): string {
  try {
    translateSample(fields);
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    assert.equal(error.kind, kind);
    return error.message;
  }
  assert.fail('was let through');
}

describe('tools', () => {
  it('become functions; the declared schema stays the client’s own', () => {
    const declared = { ...schema, $schema: 'x' };
    const { chat, tools } = translateSample({
      tools: [{ ...read, type: 'custom', input_schema: declared, cache_control: {} }],
    });
    assert.deepEqual(chat.tools, [
      { type: 'function', function: { name: 'Read', description: 'Reads', parameters: schema } },
    ]);
    assert.deepEqual([...tools], [['Read', { name: 'Read', schema: declared }]]);
  });

  it('need neither type, description nor schema', () => {
    for (const tool of [{ name: 'A' }, { name: 'A', type: null, input_schema: null }, { name: 'A', input_schema: 'x' }])
      assert.deepEqual(translateSample({ tools: [tool] }).chat.tools, [
        { type: 'function', function: { name: 'A', parameters: { type: 'object', properties: {} } } },
      ]);
  });

  it('are strict where the upstream knows that', () => {
    const strict = (profile: SampleOptions['profile']) =>
      translateSample({ tools: [{ ...read, strict: true }] }, { profile }).chat.tools?.[0]?.function.strict;
    assert.equal(strict({}), true);
    assert.equal(strict({ strictTools: false }), undefined);
    assert.equal(translateSample({ tools: [{ ...read, strict: false }] }).chat.tools?.[0]?.function.strict, undefined);
  });

  it('are left out where there are none', () => {
    assert.equal('tools' in translateSample({ tools: [], tool_choice: { type: 'auto' } }).chat, false);
    assert.equal('tool_choice' in translateSample({ tools: [], tool_choice: { type: 'none' } }).chat, false);
  });

  it('are called by the same sent name in declaration, history and choice', () => {
    const name = `mcp__${'long'.repeat(30)}`;
    const { chat, tools, clientToolName } = translateSample({
      tools: [{ name }],
      tool_choice: { type: 'tool', name },
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name, input: {} }] }],
    });
    const sent = chat.tools?.[0]?.function.name ?? '';
    assert.match(sent, /^mcp__.{59}$/);
    assert.equal(clientToolName(sent), name);
    assert.deepEqual([...tools.keys()], [sent]);
    assert.deepEqual(chat.tool_choice, { type: 'function', function: { name: sent } });
    const [message] = chat.messages;
    assert.equal(message?.role === 'assistant' && message.tool_calls?.[0]?.function.name, sent);
  });

  it('may be called in the history without being declared', () => {
    const messages = [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Gone', input: {} }] }];
    assert.equal(translateSample({ messages, tools: [read] }).chat.messages.length, 2);
  });

  it('declared twice are refused, as Anthropic does', () =>
    assert.equal(refusal({ tools: [read, read] }, 'invalid-request'), 'tools: Tool names must be unique.'));
});

describe('tools that only Anthropic has', () => {
  const types = [
    'web_search_20250305',
    'web_search_20260318',
    'web_fetch_20250910',
    'code_execution_20260521',
    'bash_20250124',
    'text_editor_20250728',
    'computer_toolset_20260801',
    'memory_20250818',
    'tool_search_tool_regex_20251119',
    'tool_search_tool_bm25',
    'advisor_20260301',
    'browser_toolset_20260801',
    'time_machine_20291231',
  ];
  for (const type of types)
    it(`${type} is refused by name`, () => {
      const message = refusal({ tools: [read, { type, name: 'the_tool' }] }, 'unsupported-tool');
      assert.match(message, new RegExp(`"the_tool" \\(${type}\\).*Leave it out`));
    });

  it('a nameless toolset is refused by its type', () =>
    assert.match(
      refusal({ tools: [{ type: 'mcp_toolset', mcp_server_name: 'x' }] }, 'unsupported-tool'),
      /"mcp_toolset"/,
    ));

  it('web search says what to do in Claude Code', () =>
    assert.match(
      refusal({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] }, 'unsupported-tool'),
      /WebSearch into permissions\.deny/,
    ));

  it('tools of the same names that a client declares with a schema are its own', () => {
    const own = [
      { name: 'web_search', input_schema: schema },
      { name: 'bash', type: 'bash', input_schema: schema },
    ];
    assert.equal(translateSample({ tools: own }).chat.tools?.length, 2);
  });
});
