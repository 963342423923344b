const mask = '***';

/** Shapes of keys that are masked even where nobody registered them. */
const shapes: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${mask}`],
  [
    /\b(x-api-key|api[-_]?key|authorization)(["']?\s*[:=]\s*["']?)(?!\s*(?:Bearer|Basic)\b)[^\s"',;}]+/gi,
    `$1$2${mask}`,
  ],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, mask],
  [/\bstrelka-[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])/g, mask],
  // A user name and password inside an address.
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, `$1${mask}@`],
];

const secretNames =
  /^(authorization|proxy-authorization|x-api-key|api[-_]?key|cookie|set-cookie|password|secret|token)$/i;

/** Model names and their kin stand in every line: what was made of short texts is kept. */
const longestKept = 80;
const mostKept = 1000;

export interface Redactor {
  /** From now on these texts are masked wherever they stand. */
  protect(secrets: readonly string[]): void;
  /** @returns the text with every known key, and whatever looks like one, masked */
  text(text: string): string;
  /** @returns the same for one named value: a name such as `authorization` masks it whole */
  field(name: string, value: string): string;
}

/**
 * Keeps keys out of logs (design.md, "Shells": a key is never in a log). Keys that are in use are known by heart; the
 * shapes catch others, such as a client's wrong key.
 */
export function createRedactor(): Redactor {
  const known = new Set<string>();
  let patterns: RegExp[] = [];
  const seen = new Map<string, string>();
  const text = (input: string): string => {
    if (input.length > longestKept) return masked(input);
    let output = seen.get(input);
    if (output === undefined) {
      output = masked(input);
      if (seen.size >= mostKept) seen.clear();
      seen.set(input, output);
    }
    return output;
  };
  const masked = (input: string): string => {
    let output = input;
    for (const pattern of patterns) output = output.replace(pattern, mask);
    for (const [shape, replacement] of shapes) output = output.replace(shape, replacement);
    return output;
  };
  return {
    protect(secrets) {
      for (const secret of secrets) if (secret !== '') known.add(secret);
      // Longest first: a key that begins with another one would else keep its tail.
      seen.clear();
      patterns = [...known].sort((one, other) => other.length - one.length).map(patternOf);
    },
    text,
    field: (name, value) => (secretNames.test(name) ? mask : text(value)),
  };
}

/** A short key ("test") is masked as a whole word only: it would else garble every text that holds those letters. */
function patternOf(secret: string): RegExp {
  const literal = secret.replace(/[\\^$.*+?()[\]{}|\-/]/g, '\\$&');
  return secret.length >= 8 ? new RegExp(literal, 'g') : new RegExp(`(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])`, 'g');
}
