import type { Tier } from '../contract/settings.ts';

/** `[1m]` of Claude Code's model settings (protocol.md 1.4). */
const windowMark = /\[\d+[km]\]$/i;
/** A snapshot's date, or the word that stands for the newest: -20250929, @20250929, -2025-09-29, -latest. */
const dateMark = /[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$/i;
/** Owner prefixes that gateways and routers put before Claude's names. */
const ownerMark = /^(?:.*\/)?anthropic[/.]/i;

/**
 * The forms of one name under which a pattern may know it: as asked, without `[1m]`, without its date, and each of them
 * without `anthropic/`. The barest one comes last.
 */
export function formsOfName(asked: string): string[] {
  const name = asked.trim();
  const forms = [name, name.replace(ownerMark, '')].flatMap((form) => {
    const windowless = form.replace(windowMark, '');
    return [form, windowless, windowless.replace(dateMark, '')];
  });
  return [...new Set(forms)];
}

/** Claude's families and what they are mapped to (protocol.md 1.4); the first match wins. */
const families: readonly [RegExp, Tier][] = [
  [/haiku/i, 'small'],
  [/sonnet/i, 'middle'],
  [/opus|fable|mythos/i, 'big'],
];

/** @returns the tier of Claude's family that the name belongs to, or undefined for any other name */
export function tierOfFamily(asked: string): Tier | undefined {
  return families.find(([family]) => family.test(asked))?.[1];
}
