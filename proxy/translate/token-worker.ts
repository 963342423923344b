import { parentPort } from 'node:worker_threads';
import { countTokens, setMergeCacheSize } from 'gpt-tokenizer/encoding/o200k_base';
import type { TokenAnswer, TokenQuestion } from './token-question.ts';

/**
 * The tokenizer's time grows with the square of an unbroken run (64 KB of base64-like letters take over a second), so
 * texts are cut. Before a blank a cut costs nothing, because a word's token starts with its blank.
 */
const longestPiece = 1000;
const shortestPiece = 500;

/** Words are few and repeat; the default of a hundred thousand entries is memory for nothing. */
setMergeCacheSize(10_000);

/** `<|endoftext|>` and its kin in a user's text are text. */
const asText = { disallowedSpecial: new Set<string>() };

function countText(text: string): number {
  let tokens = 0;
  for (let start = 0; start < text.length; ) {
    const end = start + longestPiece >= text.length ? text.length : cutBefore(text, start + longestPiece);
    tokens += countTokens(text.slice(start, end), asText);
    start = end;
  }
  return tokens;
}

function cutBefore(text: string, limit: number): number {
  for (let index = limit; index > limit - shortestPiece; index -= 1) {
    const code = text.charCodeAt(index);
    if (code === 0x20 || code === 0x0a) return index;
  }
  // Not between the halves of a surrogate pair.
  const code = text.charCodeAt(limit);
  return code >= 0xdc00 && code <= 0xdfff ? limit - 1 : limit;
}

parentPort?.on('message', ({ texts }: TokenQuestion) => {
  const answer: TokenAnswer = { tokens: texts.reduce((sum, text) => sum + countText(text), 0) };
  parentPort?.postMessage(answer);
});
