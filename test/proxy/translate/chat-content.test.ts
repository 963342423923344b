import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { translateChatMessages } from './chat-sample.ts';
import type { SampleOptions } from './request-sample.ts';

const url = 'data:image/png;base64,iVBORw0KGgo=';

function contentOf(parts: unknown[], options: SampleOptions = {}): unknown {
  return translateChatMessages([{ role: 'user', content: parts }], options)[0]?.content;
}

describe("a user's content", () => {
  it('goes as plain text where it is text alone', () => {
    const parts = [
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two.' },
    ];
    assert.equal(contentOf(parts), 'One.\n\nTwo.');
  });

  it('keeps images as they came, by address or in base64, with the detail asked for', () => {
    const images = [
      { type: 'image_url', image_url: { url } },
      { type: 'image_url', image_url: { url: 'https://a.example/b.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/svg+xml,%3Csvg/%3E' } },
    ];
    assert.deepEqual(contentOf([{ type: 'text', text: 'Look.' }, ...images]), [
      { type: 'text', text: 'Look.' },
      ...images,
    ]);
  });

  it('without vision is described or refused, as the profile says', () => {
    const image = { type: 'image_url', image_url: { url } };
    assert.match(
      String(contentOf([image], { profile: { vision: false, imageWithoutVision: 'describe' } })),
      /An image stood here/,
    );
    assert.throws(
      () => contentOf([image], { profile: { vision: false, imageWithoutVision: 'refuse' } }),
      (error) =>
        error instanceof StrelkaError && error.kind === 'unsupported-content' && /GLM-5\.1/.test(error.message),
    );
  });

  it('passes sound and films on as they are', () => {
    const parts = [
      { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
      { type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } },
    ];
    assert.deepEqual(contentOf(parts), parts);
  });

  it('says where something of an unknown type stood, and keeps its text', () => {
    assert.equal(contentOf([{ type: 'hologram' }]), '[Content of the type "hologram" can\'t be shown here.]');
    assert.equal(contentOf([{ type: 'quote', text: 'So be it.' }]), 'So be it.');
    // Of Anthropic's names, unchecked: must not be taken for a checked block.
    for (const type of ['tool_result', 'tool_use', 'thinking', 'image', 'document', 'search_result'])
      assert.equal(
        typeof contentOf([
          { type, text: 'x' },
          { type: 'text', text: 'Hi' },
        ]),
        'string',
        type,
      );
  });
});

describe('files', () => {
  const text = Buffer.from('a,b\n1,2').toString('base64');

  it('of text are read', () => {
    const file = { filename: 'table.csv', file_data: `data:text/csv;base64,${text}` };
    assert.equal(contentOf([{ type: 'file', file }]), '<document>\n<title>table.csv</title>\na,b\n1,2\n</document>');
  });

  it('of PDF go as they are to models that read them, with or without a data address', () => {
    const data = 'JVBERi0xLjQK';
    for (const file_data of [data, `data:application/pdf;base64,${data}`])
      assert.deepEqual(
        contentOf([{ type: 'file', file: { filename: 'a.pdf', file_data } }], { profile: { readsPdf: true } }),
        [
          { type: 'text', text: 'a.pdf' },
          { type: 'file', file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${data}` } },
        ],
      );
  });

  it('of PDF are given as text to other models', () => {
    const file = { file_data: 'data:application/pdf;base64,JVBERi0xLjQK' };
    const documents = new Map([['JVBERi0xLjQK', { pages: ['Page text.'] }]]);
    assert.match(String(contentOf([{ type: 'file', file }], { documents })), /Page text\./);
  });

  it('that are images are shown as such', () => {
    assert.deepEqual(contentOf([{ type: 'file', file: { file_data: url } }]), [
      { type: 'image_url', image_url: { url } },
    ]);
  });

  it('named by an id only, or of a type that nothing here reads, are refused', () => {
    const refused = (param: string | undefined) => (error: unknown) =>
      error instanceof StrelkaError && error.kind === 'unsupported-content' && error.detail.param === param;
    assert.throws(
      () => contentOf([{ type: 'file', file: { file_id: 'file-1' } }]),
      refused('messages[0].content[0].file'),
    );
    assert.throws(() => contentOf([{ type: 'file', file: { file_data: 'AAAA' } }]), refused(undefined));
  });
});
