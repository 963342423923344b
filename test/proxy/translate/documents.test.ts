import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { readDocuments } from '../../../proxy/translate/documents.ts';
import { PdfReader } from '../../../proxy/translate/pdf.ts';
import { translateRequest } from '../../../proxy/translate/request.ts';
import { pdfSample } from './pdf-sample.ts';
import { sampleOptions, sampleRequest } from './request-sample.ts';

const reader = new PdfReader();
after(() => reader.close());

const onePage = pdfSample({ pages: ['Total: 42 roubles'] });

function pdf(data: string, fields: object = {}): Record<string, unknown> {
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data }, ...fields };
}

function result(...content: unknown[]): unknown[] {
  return [
    { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content }] },
  ];
}

async function translate(messages: unknown[], readsPdf = false) {
  const request = sampleRequest({ messages });
  const documents = await readDocuments(request, reader);
  return translateRequest(request, sampleOptions({ documents, profile: { readsPdf } })).chat.messages;
}

const ask = (...content: unknown[]) => [{ role: 'user', content }];
const refused = (message: RegExp) => (error: unknown) =>
  error instanceof StrelkaError && error.kind === 'unsupported-content' && message.test(error.message);

describe('a document', () => {
  it('of text keeps its title and context', async () => {
    const block = {
      type: 'document',
      title: 'T',
      context: 'C',
      source: { type: 'text', media_type: 'text/plain', data: 'D' },
    };
    const [message] = await translate(ask(block));
    assert.equal(message?.content, '<document>\n<title>T</title>\n<context>C</context>\nD\n</document>');
  });

  it('of content keeps text and images', async () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } };
    const block = { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'D' }, image] } };
    const [message] = await translate(ask(block));
    assert.deepEqual(message?.content, [
      { type: 'text', text: '<document>\nD\n</document>' },
      { type: 'image_url', image_url: { url: 'https://a.example/b.png' } },
    ]);
    const plain = { type: 'document', source: { type: 'content', content: 'D' } };
    assert.equal((await translate(ask(plain)))[0]?.content, '<document>\nD\n</document>');
  });

  it('of base64 text is decoded', async () => {
    const data = Buffer.from('Привет').toString('base64');
    const block = { type: 'document', source: { type: 'base64', media_type: 'text/markdown', data } };
    assert.equal((await translate(ask(block)))[0]?.content, '<document>\nПривет\n</document>');
  });

  it('that only Anthropic could read is refused by name, and told of in a tool result', async () => {
    const sources: [object, RegExp][] = [
      [{ type: 'url', url: 'https://a.example/b.pdf' }, /"Bill" lies at https:\/\/a\.example\/b\.pdf.*not fetched/],
      [{ type: 'file', file_id: 'f' }, /"Bill" has a source of the type "file"/],
      [{ type: 'base64', media_type: 'application/msword', data: 'AAAA' }, /"Bill" is of the type application\/msword/],
    ];
    for (const [source, message] of sources) {
      const block = { type: 'document', title: 'Bill', source };
      await assert.rejects(translate(ask(block)), refused(message));
      const told = (await translate(result(block)))[1];
      assert.match(String(told?.content), /Bill.*\n\[This document .*its content is not available\.\]/);
    }
  });
});

describe('a PDF', () => {
  it('becomes text, with page marks where there are several pages', async () => {
    assert.equal((await translate(ask(pdf(onePage))))[0]?.content, '<document>\nTotal: 42 roubles\n</document>');
    const two = pdfSample({ pages: ['First', 'Second'] });
    assert.match(String((await translate(ask(pdf(two))))[0]?.content), /\[Page 1\]\nFirst\n\n\[Page 2\]\nSecond/);
  });

  it('becomes text in a tool result too', async () => {
    const messages = await translate(result(pdf(onePage, { title: 'Bill' })));
    assert.equal(messages[1]?.content, '<document>\n<title>Bill</title>\nTotal: 42 roubles\n</document>');
  });

  it('goes as a file to a model that reads PDFs, lifted out of tool results', async () => {
    const file = { type: 'file', file: { filename: 'Bill.pdf', file_data: `data:application/pdf;base64,${onePage}` } };
    const asked = await translate(ask(pdf(onePage, { title: 'Bill', context: 'Of May' })), true);
    assert.deepEqual(asked[0]?.content, [{ type: 'text', text: 'Bill\nOf May' }, file]);
    const lifted = await translate(result(pdf(onePage, { title: 'Bill' })), true);
    assert.match(String(lifted[1]?.content), /1 file of this result follows/);
    assert.deepEqual(lifted[2]?.content, [{ type: 'text', text: 'From the result of the tool Read:' }, file]);
  });

  it('without a text layer says so', async () => {
    const [message] = await translate(ask(pdf(pdfSample({ pages: ['', ''] }))));
    assert.match(String(message?.content), /PDF of 2 pages has no text layer/);
  });

  it('that is encrypted or damaged is refused by name, unless the model reads the file itself', async () => {
    const encrypted = pdf(pdfSample({ pages: ['x'], encrypted: true }), { title: 'Salary' });
    await assert.rejects(translate(ask(encrypted)), refused(/The PDF specified is password protected.*"Salary"/));
    const damaged = pdf(Buffer.from('no pdf at all').toString('base64'));
    await assert.rejects(translate(ask(damaged)), refused(/The PDF specified was not valid.*without a title/));
    for (const block of [encrypted, damaged]) assert.equal((await translate(ask(block), true)).length, 1);
  });

  it('that takes too much to read is refused by name', () => {
    const request = sampleRequest({ messages: ask(pdf('AAAA', { title: 'Atlas' })) });
    const documents = new Map([['AAAA', { problem: 'too-heavy' as const }]]);
    assert.throws(
      () => translateRequest(request, sampleOptions({ documents })),
      refused(/The PDF specified takes too much time or memory: the document "Atlas"/),
    );
  });

  it('is read once however often it stands in the conversation, and each text lands in its place', async () => {
    const other = pdfSample({ pages: ['Other'] });
    const request = sampleRequest({ messages: ask(pdf(onePage), pdf(other), pdf(onePage)) });
    const documents = await readDocuments(request, reader);
    assert.equal(documents.size, 2);
    const text = String(translateRequest(request, sampleOptions({ documents })).chat.messages[0]?.content);
    assert.deepEqual(text.match(/Total|Other/g), ['Total', 'Other', 'Total']);
  });

  it('costs nothing where there is none', async () => {
    const first = await readDocuments(sampleRequest(), reader);
    assert.equal(first.size, 0);
    assert.equal(await readDocuments(sampleRequest(), reader), first);
  });
});
