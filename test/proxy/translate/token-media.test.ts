import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimateImage, estimatePdf } from '../../../proxy/translate/token-media.ts';

function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(64);
  head.write('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

function gif(width: number, height: number): Buffer {
  const head = Buffer.alloc(64);
  head.write('GIF89a', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  return head;
}

function jpeg(width: number, height: number, previewLength: number): Buffer {
  const preview = Buffer.alloc(previewLength + 2, 0x11);
  const blocks = [Buffer.from([0xff, 0xd8])];
  // A preview longer than one segment may hold takes several.
  for (let left = previewLength; left > 0; left -= 60_000) {
    const length = Math.min(left, 60_000);
    const mark = Buffer.from([0xff, 0xe1, 0, 0]);
    mark.writeUInt16BE(length + 2, 2);
    blocks.push(mark, preview.subarray(0, length));
  }
  const frame = Buffer.alloc(64);
  frame.set([0xff, 0xff, 0xc2, 0, 17, 8]);
  frame.writeUInt16BE(height, 6);
  frame.writeUInt16BE(width, 8);
  return Buffer.concat([...blocks, frame]);
}

function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number): Buffer {
  const head = Buffer.alloc(64);
  head.write(`RIFF\0\0\0\0WEBP${kind}`, 'latin1');
  if (kind === 'VP8 ') {
    head.writeUInt16LE(width, 26);
    head.writeUInt16LE(height, 28);
  } else if (kind === 'VP8L') head.writeUInt32LE((width - 1) | ((height - 1) << 14), 21);
  else {
    head.writeUIntLE(width - 1, 24, 3);
    head.writeUIntLE(height - 1, 27, 3);
  }
  return head;
}

describe('tokens of images', () => {
  const files: Record<string, Buffer> = {
    png: png(750, 100),
    gif: gif(750, 100),
    jpeg: jpeg(750, 100, 0),
    'jpeg with a preview': jpeg(750, 100, 90_000),
    'webp, lossy': webp('VP8 ', 750, 100),
    'webp, lossless': webp('VP8L', 750, 100),
    'webp, extended': webp('VP8X', 750, 100),
  };
  for (const [kind, file] of Object.entries(files))
    it(`are read from the head of ${kind}`, () => assert.equal(estimateImage(file.toString('base64')), 100));

  it('are capped, because large images are scaled down', () => {
    assert.equal(estimateImage(png(8000, 6000).toString('base64')), 1600);
    assert.equal(estimateImage(png(1, 1).toString('base64')), 1);
  });

  it('are the most where the size can not be told', () => {
    for (const text of ['', 'not base64 at all', '/9j/', Buffer.alloc(100).toString('base64')])
      assert.equal(estimateImage(text), 1600, text);
    assert.equal(estimateImage(jpeg(10, 10, 200_000).toString('base64')), 1600);
    assert.equal(estimateImage(Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]).toString('base64')), 1600);
  });
});

describe('tokens of PDFs', () => {
  it('go by their size, a page at least', () => {
    assert.equal(estimatePdf(0), 1500);
    assert.equal(estimatePdf(1000), 1500);
    assert.equal(estimatePdf(4_000_000), 60 * 1500);
  });
});
