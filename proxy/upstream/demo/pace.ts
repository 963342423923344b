import { setTimeout as sleep } from 'node:timers/promises';
import { wordsOfText } from './answer.ts';

/** Slow enough to be seen, fast enough not to be waited for. */
const wordDelayMs = 8;

/**
 * Tells a text word by word.
 * @param signal ends it at once: the promise rejects with an AbortError
 */
export async function tellSlowly(text: string, tell: (word: string) => void, signal: AbortSignal): Promise<void> {
  for (const word of wordsOfText(text)) {
    await sleep(wordDelayMs, undefined, { signal });
    tell(word);
  }
}
