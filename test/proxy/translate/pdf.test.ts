import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { PdfReader } from '../../../proxy/translate/pdf.ts';
import { pdfSample } from './pdf-sample.ts';
import { Random } from './random.ts';

const workerUrl = new URL('../../../proxy/translate/pdf-worker.ts', import.meta.url);
const listen = (body: string) => `require('node:worker_threads').parentPort.on('message', () => { ${body} });`;

/** A reader that counts the files its threads are given. */
function countingReader() {
  let asked = 0;
  const reader = new PdfReader({
    start: () => {
      const worker = new Worker(workerUrl);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (value: unknown) => {
        asked += 1;
        post(value);
      };
      return worker;
    },
  });
  return { reader, asked: () => asked };
}

describe('reading PDFs', () => {
  const shared = new PdfReader();
  after(() => shared.close());

  it('gives the text of each page, or says that the file is locked or broken', async () => {
    assert.deepEqual(await shared.read(pdfSample({ pages: ['One', '', 'Three'] })), { pages: ['One', '', 'Three'] });
    assert.deepEqual(await shared.read(pdfSample({ pages: ['x'], encrypted: true })), { problem: 'encrypted' });
    for (const data of ['', 'AAAA', 'not base64 at all!'])
      assert.deepEqual(await shared.read(data), { problem: 'damaged' }, data);
  });

  it('reads a file once, in whichever exchange it comes, also at the same time', async (t) => {
    const { reader, asked } = countingReader();
    t.after(() => reader.close());
    const [one, other] = [pdfSample({ pages: ['One'] }), pdfSample({ pages: ['Other'] })];
    const first = await Promise.all([reader.read(one), reader.read(one), reader.read(other)]);
    assert.deepEqual(first, [{ pages: ['One'] }, { pages: ['One'] }, { pages: ['Other'] }]);
    assert.equal(asked(), 2);
    assert.deepEqual(await reader.read(one), { pages: ['One'] });
    assert.equal(asked(), 2);
  });

  it('survives damaged files of any kind: 300 with broken bytes', async () => {
    const whole = Buffer.from(pdfSample({ pages: ['Hello world', 'Two', ''] }), 'base64');
    const random = new Random(7);
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.from(whole);
      for (let hits = 1 + random.below(20); hits > 0; hits -= 1)
        bytes[random.below(bytes.length)] = random.chance(0.5) ? random.below(256) : 48 + random.below(10);
      const reading = await shared.read(bytes.toString('base64'));
      assert.ok('pages' in reading || reading.problem === 'damaged', `round ${round}: ${JSON.stringify(reading)}`);
    }
  });

  it('gives up a file that takes too long, remembers it, and reads the next one', async (t) => {
    let started = 0;
    const reader = new PdfReader({
      timeLimitMs: 1_000,
      start: () => {
        started += 1;
        return started === 1 ? new Worker(listen('for (;;);'), { eval: true }) : new Worker(workerUrl);
      },
    });
    t.after(() => reader.close());
    assert.deepEqual(await reader.read('AAAA'), { problem: 'too-heavy' });
    assert.deepEqual(await reader.read('AAAA'), { problem: 'too-heavy' });
    assert.equal(started, 1);
    assert.deepEqual(await reader.read(pdfSample({ pages: ['One'] })), { pages: ['One'] });
    assert.equal(started, 2);
  });

  it('gives up a file that takes too much memory', async (t) => {
    const filling = listen('const all = []; for (;;) all.push({ a: 1, b: { c: 2 } });');
    const reader = new PdfReader({
      start: () =>
        new Worker(filling, {
          eval: true,
          resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
        }),
    });
    t.after(() => reader.close());
    assert.deepEqual(await reader.read('AAAA'), { problem: 'too-heavy' });
  });

  it('does not blame the file where the thread itself is out of order, and asks again the next time', async (t) => {
    let started = 0;
    const reader = new PdfReader({
      start: () => {
        started += 1;
        return started === 1 ? new Worker("throw new Error('no such module')", { eval: true }) : new Worker(workerUrl);
      },
    });
    t.after(() => reader.close());
    const data = pdfSample({ pages: ['One'] });
    await assert.rejects(reader.read(data), { kind: 'internal', cause: new Error('no such module') });
    assert.deepEqual(await reader.read(data), { pages: ['One'] });
  });

  it('refuses what comes when it is closed', async () => {
    const reader = new PdfReader();
    const refused = assert.rejects(reader.read('AAAA'), { kind: 'draining' });
    await reader.close();
    await refused;
    await assert.rejects(reader.read('BBBB'), { kind: 'draining' });
  });
});
