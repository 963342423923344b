/** Characters by how the tokenizer's splitting rule treats them; 0 stands for the start of a text. */
const lower = 1;
const upper = 2;
const digit = 3;
const space = 4;
const lineBreak = 5;
const sign = 6;
const foreign = 7;
const ideograph = 8;
const kinds = 9;

const asciiKinds = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) asciiKinds[code] = kindOfAscii(String.fromCharCode(code));

function kindOfAscii(character: string): number {
  if (/[a-z]/.test(character)) return lower;
  if (/[A-Z]/.test(character)) return upper;
  if (/[0-9]/.test(character)) return digit;
  if (/[\n\r]/.test(character)) return lineBreak;
  return /\s/.test(character) ? space : sign;
}

/**
 * Tokens that a character of one kind adds behind one of another, at `previous * kinds + kind`. Fitted to o200k_base
 * over 260 samples of sources, Markdown, JSON, logs and Russian prose: of 3000 characters nine in ten samples come
 * within 5 %. Ideographs by a Chinese text.
 */
const weights = new Float64Array(kinds * kinds);
for (let previous = 0; previous < kinds; previous += 1)
  for (let kind = lower; kind <= ideograph; kind += 1) weights[previous * kinds + kind] = weightOf(previous, kind);

function weightOf(previous: number, kind: number): number {
  const again = previous === kind;
  switch (kind) {
    case lower:
      return previous === lower || previous === upper ? 0.044 : 0.88;
    case upper:
      // A hump of a camelCased name starts a token.
      if (previous === lower) return 0.69;
      return again ? 0.044 : 0.88;
    case digit:
      return again ? 0.11 : 2.11;
    case space:
      // A single blank belongs to the word behind it.
      return again ? 0.093 : 0;
    case lineBreak:
      return again ? 0 : 0.74;
    case sign:
      return again ? 0.135 : 0.77;
    case foreign:
      return again ? 0.314 : 0.48;
    default:
      return 0.65;
  }
}

/** Strings up to this length are read whole; of longer ones only this much, in blocks spread evenly. */
const sampleLength = 512;
const blockLength = 64;
const blocks = sampleLength / blockLength;

/**
 * Estimates tokens without a tokenizer, by counting what starts a token.
 * @param text any text; the time it takes is bounded, a few microseconds
 * @returns tokens, not rounded
 */
export function estimateText(text: string): number {
  if (text.length <= sampleLength) return weigh(text, 0, text.length);
  const stride = (text.length - blockLength) / (blocks - 1);
  let sampled = 0;
  for (let block = 0; block < blocks; block += 1) {
    const start = Math.floor(block * stride);
    sampled += weigh(text, start, start + blockLength);
  }
  return (sampled * text.length) / sampleLength;
}

function weigh(text: string, start: number, end: number): number {
  let tokens = 0;
  let previous = 0;
  for (let index = start; index < end; index += 1) {
    const code = text.charCodeAt(index);
    const kind = code < 128 ? (asciiKinds[code] ?? sign) : code < 0x2e80 ? foreign : ideograph;
    tokens += weights[previous * kinds + kind] ?? 0;
    previous = kind;
  }
  return tokens;
}
