/** What an image costs at most, and what one costs whose size can't be told: Claude's own rule scales larger ones down. */
const largestImage = 1600;
/** Claude's rule: width times height in pixels, divided by this. Upstreams of other makers come near it. */
const pixelsPerToken = 750;

/** A PDF's pages stand compressed, so they are guessed by its size. */
const bytesPerPage = 50_000;
const tokensPerPage = 1500;

/**
 * Estimates what an image costs, by the size that its first bytes tell (PNG, JPEG, GIF, WebP).
 * @param base64 the file; nothing but its head is decoded
 * @returns tokens
 */
export function estimateImage(base64: string): number {
  const size = sizeOf(decodeHead(base64, 64)) ?? jpegSize(base64);
  if (size === undefined) return largestImage;
  return Math.max(1, Math.min(largestImage, Math.ceil((size.width * size.height) / pixelsPerToken)));
}

/** @returns tokens of an image that is named by its address only */
export function estimateLinkedImage(): number {
  return largestImage;
}

/**
 * @param base64Length length of the file's base64; 0 where only its address is known
 * @returns tokens, those of one page at least
 */
export function estimatePdf(base64Length: number): number {
  const bytes = base64Length * 0.75;
  return Math.max(1, Math.ceil(bytes / bytesPerPage)) * tokensPerPage;
}

interface Size {
  width: number;
  height: number;
}

function decodeHead(base64: string, bytes: number): Buffer {
  return Buffer.from(base64.slice(0, Math.ceil(bytes / 3) * 4), 'base64');
}

function sizeOf(head: Buffer): Size | undefined {
  if (head.length < 30) return undefined;
  const signature = head.toString('latin1', 0, 4);
  if (signature === '\x89PNG') return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  if (signature === 'GIF8') return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  if (signature === 'RIFF') return webpSize(head);
  return undefined;
}

function webpSize(head: Buffer): Size | undefined {
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** A camera's preview may stand before the size, so more is read when the first look doesn't find it. */
function jpegSize(base64: string): Size | undefined {
  if (!base64.startsWith('/9j/')) return undefined;
  return frameSize(decodeHead(base64, 4096)) ?? frameSize(decodeHead(base64, 131_072));
}

function frameSize(head: Buffer): Size | undefined {
  let position = 2;
  while (position + 9 <= head.length && head[position] === 0xff) {
    const marker = head[position + 1] ?? 0;
    const startsFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (startsFrame) return { height: head.readUInt16BE(position + 5), width: head.readUInt16BE(position + 7) };
    // 0xff may be repeated as padding before a marker.
    position += marker === 0xff ? 1 : 2 + head.readUInt16BE(position + 2);
  }
  return undefined;
}
