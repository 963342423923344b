import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SettledName, settleName } from '../../../proxy/repair/call-name.ts';
import { tools } from './pipe.ts';

const read = (name: string): string => `${name}<arg_key>file_path</arg_key><arg_value>/tmp/a b.txt</arg_value>`;

/** Rows N-11 and N-13 of failures.md: what comes as name, which tool is meant, what stood inside the name. */
const rows: readonly (readonly [
  row: string,
  fragments: string[],
  name: string,
  mended: boolean,
  embedded?: SettledName['embedded'],
])[] = [
  ['a declared name', ['Read'], 'Read', false],
  ['N-11 in pieces', ['get_', 'current', '_time'], 'get_current_time', false],
  ['N-13 with GLM arguments', [read('Read')], 'Read', true, { file_path: '/tmp/a b.txt' }],
  [
    'N-13 with several',
    [`${read('Read')}\n<arg_key> limit </arg_key>\n<arg_value>5</arg_value></tool_call>`],
    'Read',
    true,
    { file_path: '/tmp/a b.txt', limit: '5' },
  ],
  ['N-13 with cut arguments', [read('Read').slice(0, -20)], 'Read', true, 'cut'],
  ['N-13 with a cut second pair', [`${read('Read')}<arg_key>limit`], 'Read', true, 'cut'],
  ['N-13 with a line break', ['Read\n'], 'Read', false],
  ['N-13 in its tag', [`<tool_call>${read('Read')}`], 'Read', true, { file_path: '/tmp/a b.txt' }],
  ['N-13 harmony channel', ['Bash<|channel|>commentary'], 'Bash', true],
  ['N-13 harmony constrain', ['Bash <|constrain|>json'], 'Bash', true],
  ['N-13 harmony name space', ['functions.Bash'], 'Bash', true],
  ['N-13 harmony recipient', ['to=functions.Bash'], 'Bash', true],
  ['N-13 all of harmony', ['functions.Bash<|channel|>commentary'], 'Bash', true],
  ['Kimi', ['functions.Bash:0'], 'Bash', true],
  ['Gemini', ['default_api.Bash'], 'Bash', true],
  ['a call in Python', ['Bash(command="ls")'], 'Bash', true],
  ['other case', ['bash'], 'Bash', true],
  ['an MCP tool', ['mcp__gmail-cleanup__list_filters'], 'mcp__gmail-cleanup__list_filters', false],
  ['an unknown name stays', ['Frobnicate'], 'Frobnicate', false],
  ['a longer name is no tool', ['ReadAll'], 'ReadAll', false],
  ['a shorter name is no tool', ['Rea'], 'Rea', false],
  ['an unknown name space stays', ['server.Bash'], 'server.Bash', false],
];

describe('the name of a native call', () => {
  for (const [row, fragments, name, mended, embedded = null] of rows)
    it(`names the tool that is meant: ${row}`, () => {
      const settled = settleName(
        fragments.map((fragment) => fragment.trim()),
        tools,
      );
      assert.deepEqual(settled, { name, embedded, mended });
    });

  it('is missing where none came (N-12)', () => assert.equal(settleName([], tools), undefined));

  it('is not chosen between two that differ by case', () => {
    const schema = {};
    const alike = new Map(['read', 'READ'].map((name) => [name, { name, schema }]));
    assert.equal(settleName(['Read'], alike)?.name, 'Read');
  });
});
