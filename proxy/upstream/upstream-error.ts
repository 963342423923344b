import { StrelkaError } from '../errors.ts';
import { asCount, asFields, asText, type Fields } from '../openai/chunk.ts';
import { describeOverflow, type OverflowFacts } from './context-overflow.ts';

export interface UpstreamErrorFacts {
  /** HTTP status; for an error inside a 200 answer the code that it names, else 500. */
  status: number;
  /** The body, parsed where it is JSON. */
  body: unknown;
  /** Name of the upstream for the person, e.g. "cloud.ru". */
  upstream: string;
  model: string;
  /** Seconds. */
  retryAfter?: number;
  /** Tokens of the model's window, for an overflow that names none. */
  contextWindow: number;
  estimatedInputTokens: number;
}

/**
 * Turns what an upstream answered instead of an answer into one of our errors (failures.md 5). No upstream's wording
 * for a bad key, an empty balance or a limit is documented for cloud.ru, so every known shape is read.
 */
export function describeUpstreamError(facts: UpstreamErrorFacts): StrelkaError {
  const { status, upstream, model } = facts;
  const said = readMessage(facts.body);
  const quote = said === '' ? '' : ` It said: ${said}`;
  const detail = { upstreamStatus: status, retryAfter: facts.retryAfter };
  const overflow = describeOverflow(said, { ...facts, ...readOverflowFields(facts.body) });
  if (overflow) return new StrelkaError(overflow.kind, overflow.message, detail);
  if (isBalance(status, said, facts.body))
    return new StrelkaError(
      'balance-empty',
      `The balance or quota at ${upstream} is used up. Top it up in the provider's console, or switch to another upstream.${quote}`,
      detail,
    );
  switch (status) {
    case 401:
      return new StrelkaError(
        'upstream-key-refused',
        `${upstream} refused the key (401). Put a valid key into OPENAI_API_KEY or Strelka's key store.${quote}`,
        detail,
      );
    case 403:
      return new StrelkaError(
        'upstream-forbidden',
        `${upstream} forbids this (403): the key may lack the right to use ${model}.${quote}`,
        detail,
      );
    case 404:
      return new StrelkaError(
        'model-missing',
        `${upstream} answered 404 for the model ${model}: the model is not there, or the address is wrong. Choose another model in the mapping.${quote}`,
        detail,
      );
    case 408:
    case 504:
      return new StrelkaError('upstream-failed', `${upstream} took too long (${status}). Try again.${quote}`, detail);
    case 413:
      return new StrelkaError('body-too-large', `The request is too large for ${upstream} (413).${quote}`, detail);
    case 429:
      return new StrelkaError(
        'rate-limited',
        `${upstream} limits the rate of requests (429). Wait a moment and try again.${quote}`,
        detail,
      );
    case 503:
    case 529:
      return new StrelkaError(
        'overloaded',
        `${upstream} is overloaded (${status}). Try again shortly.${quote}`,
        detail,
      );
  }
  if (status >= 300 && status < 400)
    return new StrelkaError(
      'upstream-failed',
      `${upstream} redirects elsewhere (${status}). Check the upstream address (OPENAI_BASE_URL).`,
      detail,
    );
  if (status >= 500)
    return new StrelkaError('upstream-failed', `${upstream} failed (${status}). Try again.${quote}`, detail);
  return new StrelkaError('upstream-refused-request', `${upstream} refused the request (${status}).${quote}`, detail);
}

/**
 * The HTTP status that an error inside a 200 answer stands for (failures.md E-8, E-9): its numeric code, also as text,
 * else what its type says, else 500.
 */
export function statusOfErrorBody(body: Fields): number {
  const error = asFields(body.error) ?? body;
  for (const code of [error.code, error.status, error.http_status, body.code]) {
    const number = typeof code === 'string' ? Number(code) : code;
    if (typeof number === 'number' && Number.isInteger(number) && number >= 400 && number < 600) return number;
  }
  const words = `${codesOf(body)} ${asText(body.error_type) ?? ''}`.toLowerCase();
  for (const [pattern, status] of statusWords) if (pattern.test(words)) return status;
  return rateLimitWords.test(readMessage(body)) ? 429 : 500;
}

const statusWords: readonly (readonly [RegExp, number])[] = [
  [/rate.?limit|too.?many/, 429],
  [/insufficient_quota|payment/, 402],
  [/auth|api_key/, 401],
  [/permission|forbidden/, 403],
  [/not.?found/, 404],
  [/overload|unavailable|busy/, 503],
  [/context_length|context_size|invalid_request|bad.?request|validation/, 400],
];

const rateLimitWords = /rate limit|too many requests/i;

/** Type and code of an error, which at times say more than its sentence. */
function codesOf(body: Fields): string {
  const error = asFields(body.error) ?? body;
  return [error.type, error.code].map((word) => asText(word) ?? '').join(' ');
}

/** What llama.cpp and OpenAI tell about an overflow beside the sentence. */
function readOverflowFields(body: unknown): Pick<OverflowFacts, 'codes' | 'promptTokens' | 'windowTokens'> {
  const fields = asFields(body);
  if (!fields) return {};
  const error = asFields(fields.error) ?? fields;
  return {
    codes: codesOf(fields),
    promptTokens: asCount(error.n_prompt_tokens),
    windowTokens: asCount(error.n_ctx),
  };
}

const longestQuote = 500;

/** @returns the human sentence in an error body of any shape, '' where there is none */
export function readMessage(body: unknown): string {
  return hideKeys(clean(findMessage(body, 0))).slice(0, longestQuote);
}

function findMessage(value: unknown, depth: number): string {
  if (depth > 4) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value))
    return value
      .map((entry) => findMessage(entry, depth + 1))
      .filter(Boolean)
      .join('; ');
  const fields = asFields(value);
  if (!fields) return '';
  for (const name of ['message', 'error_message', 'msg', 'detail', 'error', 'errors', 'title', 'error_description']) {
    const found = findMessage(fields[name], depth + 1);
    if (found !== '') return found;
  }
  return '';
}

/** Servers quote the key that they refuse; a key is in no output of Strelka (issue 2, "The door"). */
function hideKeys(text: string): string {
  return text.replace(/\bsk-[\w*.-]{6,}|(?<=\bBearer\s+)[^\s"']+/gi, '***');
}

/** A page becomes its title; line breaks go. */
function clean(text: string): string {
  if (!/^\s*<(?:!doctype|html|head|body|center|h1)/i.test(text)) return text.replace(/\s+/g, ' ').trim();
  const title = /<title>([^<]*)<\/title>/i.exec(text)?.[1] ?? /<h1>([^<]*)<\/h1>/i.exec(text)?.[1];
  return title === undefined ? 'a web page' : `a web page titled "${title.trim()}"`;
}

function isBalance(status: number, said: string, body: unknown): boolean {
  if (status === 402) return true;
  if (status !== 403 && status !== 429 && status !== 400) return false;
  const fields = asFields(body) ?? {};
  const code = asText(asFields(fields.error)?.code) ?? asText(fields.code) ?? '';
  if (code === 'insufficient_quota' || code === 'billing_hard_limit_reached') return true;
  return /insufficient (?:balance|funds|credit|quota)|balance (?:is )?(?:empty|exhausted|too low|not enough)|out of credits?|exceeded your current quota|payment required|недостаточно средств|баланс/i.test(
    said,
  );
}
