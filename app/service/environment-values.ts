/** How the text of a variable becomes a value. */
export interface Reader<Value> {
  /** What is wanted, to follow "must be" in a sentence. */
  wanted: string;
  /** @returns the value, or undefined where the text is not what is wanted */
  read(text: string): Value | undefined;
}

/** Whole numbers in digits only: "1e3", "0x10" and "8082.0" are refused. */
export function wholeNumber(least: number, most: number): Reader<number> {
  return {
    wanted: `a whole number from ${least} to ${most}`,
    read: (text) => (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
  };
}

/**
 * Seconds, fractions allowed; the value is in whole milliseconds, and at least 1 where the time may not be zero.
 * @param least the smallest that is taken: 0, or 'above 0'
 */
export function seconds(least: 0 | 'above 0'): Reader<number> {
  const most = 86_400;
  return {
    wanted: `a number of seconds${least === 0 ? '' : ' above 0'} up to ${most}, such as 90 or 0.5`,
    read: (text) => {
      const value = decimal(text);
      if (value === undefined || value > most || (value === 0 && least !== 0)) return undefined;
      return value === 0 ? 0 : Math.max(1, Math.round(value * 1000));
    },
  };
}

/** A number of zero or more, fractions allowed. */
export const amount: Reader<number> = { wanted: 'a number of 0 or more', read: decimal };

/** A number of tokens; 0 means no limit, as null does in settings.json. */
export const tokenLimit: Reader<number | null> = {
  wanted: 'a whole number of tokens (0: no limit)',
  read: (text) => {
    const value = wholeNumber(0, 100_000_000).read(text);
    return value === 0 ? null : value;
  },
};

/** yes and no in every usual spelling. */
export const truth: Reader<boolean> = {
  wanted: 'true or false',
  read: (text) => {
    if (/^(true|1|yes|y|on)$/i.test(text)) return true;
    return /^(false|0|no|n|off)$/i.test(text) ? false : undefined;
  },
};

/** One of some words, in any case; a synonym stands for its word. */
export function oneOf<Word extends string>(
  words: readonly Word[],
  synonyms: Readonly<Record<string, Word>> = {},
): Reader<Word> {
  return {
    wanted: words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
    read: (text) => {
      const lower = text.toLowerCase();
      return words.find((word) => word === lower) ?? (Object.hasOwn(synonyms, lower) ? synonyms[lower] : undefined);
    },
  };
}

/** An http(s) address without user, query and fragment; the value has no slash at its end. */
export const address: Reader<string> = {
  wanted: 'an http:// or https:// address, such as https://foundation-models.api.cloud.ru/v1',
  read: (text) => {
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined;
    return url.href.replace(/\/+$/, '');
  },
};

/** Any text that is not empty. */
export const anyText: Reader<string> = { wanted: 'a text', read: (text) => text };

/** Several values between commas, at least one. */
export const list: Reader<string[]> = {
  wanted: 'one or more names between commas',
  read: (text) => {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    return items.length === 0 ? undefined : items;
  },
};

function decimal(text: string): number | undefined {
  return /^(\d+(\.\d*)?|\.\d+)$/.test(text) ? Number(text) : undefined;
}
