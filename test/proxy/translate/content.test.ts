import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { type SampleOptions, translateMessages } from './request-sample.ts';

const png = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
const blind = { vision: false } as const;

function content(blocks: unknown[], options?: SampleOptions): unknown {
  return translateMessages([{ role: 'user', content: blocks }], options)[0]?.content;
}

function refusal(blocks: unknown[], options?: SampleOptions): string {
  try {
    content(blocks, options);
  } catch (error) {
    assert.ok(error instanceof StrelkaError && error.kind === 'unsupported-content', String(error));
    return error.message;
  }
  assert.fail('was let through');
}

describe('a user message', () => {
  it('of text alone is a plain string, without empty blocks and cache_control', () => {
    const text = (value: string) => ({ type: 'text', text: value, cache_control: { type: 'ephemeral' } });
    assert.equal(content([text('A'), text(''), text('B')]), 'A\n\nB');
  });

  it('carries images as data URL and by URL, in order', () => {
    const byUrl = { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } };
    assert.deepEqual(content([{ type: 'text', text: 'See' }, png, byUrl]), [
      { type: 'text', text: 'See' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
    ]);
  });

  it('with an image for a model without vision is refused by name, or described', () => {
    assert.match(refusal([png], { profile: blind }), /zai-org\/GLM-5\.1 can't see images.*choose a model with vision/);
    const described = content([{ type: 'text', text: 'See' }, png], {
      profile: { ...blind, imageWithoutVision: 'describe' },
    });
    assert.equal(described, "See\n\n[An image stood here. The model zai-org/GLM-5.1 can't see images.]");
  });

  it("refuses an image of Anthropic's Files API, which no other server can read", () => {
    assert.match(refusal([{ type: 'image', source: { type: 'file', file_id: 'f' } }]), /"file".*base64 or by URL/);
  });

  it('keeps a search result as text with its origin', () => {
    const block = {
      type: 'search_result',
      title: 'T',
      source: 'https://a.example',
      content: [{ type: 'text', text: 'found' }],
    };
    assert.equal(
      content([block]),
      '<search_result>\n<title>T</title>\n<source>https://a.example</source>\nfound\n</search_result>',
    );
  });

  it('keeps the text of unknown blocks, names those without, drops those that only steer', () => {
    assert.equal(content([{ type: 'hologram', text: 'seen' }]), 'seen');
    assert.equal(
      content([
        {
          type: 'hologram',
          content: [
            { type: 'text', text: 'in' },
            { type: 'x', text: 'ner' },
          ],
        },
      ]),
      'in\nner',
    );
    assert.equal(content([{ type: 'hologram', data: 5 }]), '[Content of the type "hologram" can\'t be shown here.]');
    const steering = [
      { type: 'tool_addition', tool: { type: 'tool_reference', name: 'Read' } },
      { type: 'fallback', from: {}, to: {} },
      { type: 'text', text: 'Hi' },
    ];
    assert.equal(content(steering), 'Hi');
  });

  it('of nothing is refused where the conversation holds nothing else', () => {
    for (const messages of [
      [{ role: 'user', content: '' }],
      [{ role: 'user', content: [] }],
      [{ role: 'assistant', content: '' }],
      [{ role: 'system', content: 'A' }],
    ])
      assert.throws(() => translateMessages(messages), {
        message: 'messages: at least one message must have non-empty content',
      });
  });

  it('of nothing is left out where there are others', () => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: [] },
      { role: 'user', content: [{ type: 'text', text: '' }] },
      { role: 'user', content: 'Again' },
    ];
    assert.deepEqual(translateMessages(messages), [{ role: 'user', content: 'Hi\n\nAgain' }]);
  });
});

describe("server tools' blocks in the history", () => {
  const said = (blocks: unknown[]) =>
    translateMessages([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: blocks },
    ])[1]?.content;

  it('survive as text, without ciphertext', () => {
    const text = said([
      { type: 'text', text: 'Let me look.' },
      { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'railway switch' } },
      {
        type: 'web_search_tool_result',
        tool_use_id: 's',
        content: [
          { type: 'web_search_result', title: 'Switch', url: 'https://a.example', encrypted_content: 'SECRET' },
        ],
      },
      { type: 'text', text: 'It is ' },
      { type: 'text', text: 'a switch.', citations: [] },
    ]);
    assert.equal(
      text,
      'Let me look.\n\n[Server tool web_search was called with query: railway switch]\n\n[Result of web_search]\nSwitch - https://a.example\n\nIt is a switch.',
    );
  });

  const kept: [string, unknown, RegExp][] = [
    [
      'code_execution_tool_result',
      { content: { type: 'code_execution_result', stdout: 'OUT', stderr: 'ERR', return_code: 1, content: [] } },
      /\[Result of code_execution\]\nOUT\nERR/,
    ],
    [
      'bash_code_execution_tool_result',
      { content: { type: 'bash_code_execution_tool_result_error', error_code: 'unavailable' } },
      /\[Failed: unavailable\]/,
    ],
    [
      'web_fetch_tool_result',
      {
        content: {
          type: 'web_fetch_result',
          url: 'https://a.example',
          content: {
            type: 'document',
            title: 'Page',
            source: { type: 'text', media_type: 'text/plain', data: 'BODY' },
          },
        },
      },
      /https:\/\/a\.example\nPage\nBODY/,
    ],
    ['mcp_tool_use', { name: 'find', server_name: 'wiki', input: { q: 'x' } }, /wiki tool find was called with q: x/],
    ['mcp_tool_result', { content: [{ type: 'text', text: 'FOUND' }] }, /FOUND/],
    ['advisor_tool_result', { content: { type: 'advisor_result', text: 'ADVICE' } }, /ADVICE/],
    ['compaction', { content: 'SUMMARY', encrypted_content: 'zzz' }, /^SUMMARY$/],
    [
      'tool_search_tool_result',
      {
        content: {
          type: 'tool_search_tool_search_result',
          tool_references: [{ type: 'tool_reference', tool_name: 'Read' }],
        },
      },
      /Tool found: Read/,
    ],
    ['container_upload', { file_id: 'f' }, /not available here/],
  ];
  for (const [type, fields, expected] of kept)
    it(`${type} is kept`, () => assert.match(String(said([{ type, ...Object(fields) }])), expected));
});
