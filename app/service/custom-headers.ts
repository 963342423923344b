import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Settings } from '../../proxy/contract/settings.ts';
import { refuse } from './refusal.ts';

const prefix = 'CUSTOM_HEADER_';

/** Headers that frame the request: undici sets them, and a second one breaks it. */
const framing = /^(connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;

/** Names whose value may be a key. In the environment that is allowed, in a log never. */
const sensitive = /auth|cookie|key|password|secret|token/i;

export interface CustomHeaders {
  /** Adds them to the primary upstream, over headers of the same name. */
  addTo(settings: Settings): void;
  /** Values that may hold a key. */
  secrets: readonly string[];
}

/**
 * Reads CUSTOM_HEADER_X_FOO=bar as the header `X-Foo: bar`.
 * @throws StrelkaError `settings-unusable`, naming the variable and never its value
 */
export function customHeadersOf(environment: NodeJS.ProcessEnv): CustomHeaders {
  const headers: Record<string, string> = {};
  for (const [variable, text] of Object.entries(environment)) {
    const value = text?.trim() ?? '';
    if (!variable.startsWith(prefix) || value === '') continue;
    const name = headerNameOf(variable.slice(prefix.length));
    const problem = problemOfHeader(name, value);
    if (problem !== undefined) refuse(`${variable} ${problem}: correct or unset it.`);
    headers[name] = value;
  }
  return {
    addTo: (settings) => {
      const primary = settings.upstreams[0];
      if (primary === undefined) return;
      const replaced = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
      const kept = Object.entries(primary.headers).filter(([name]) => !replaced.has(name.toLowerCase()));
      primary.headers = { ...Object.fromEntries(kept), ...headers };
    },
    secrets: Object.entries(headers)
      .filter(([name]) => sensitive.test(name))
      .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, '')]),
  };
}

/** @returns what is wrong with a header for the upstream, to follow its name in a sentence; undefined where all is well */
export function problemOfHeader(name: string, value: string): string | undefined {
  if (framing.test(name)) return `names the header ${name}, which Strelka sets itself`;
  try {
    validateHeaderName(name);
  } catch {
    return `does not name a header ("${name}")`;
  }
  try {
    validateHeaderValue(name, value);
  } catch {
    return 'holds a character that a header cannot carry';
  }
  return undefined;
}

function headerNameOf(suffix: string): string {
  return suffix
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('-');
}
