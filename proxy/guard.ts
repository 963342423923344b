import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { headerOf } from './call.ts';
import { StrelkaError } from './errors.ts';
import { isLoopback } from './upstream/connection.ts';

export interface GuardOptions {
  /** The address that the gateway listens at. */
  host: string;
  /** Further host names that requests may carry. */
  allowedHosts: readonly string[];
  port: number;
}

/**
 * Checks the Host header against DNS rebinding, and Origin against web pages: neither may use the user's key
 * (peers.md 3.33). Bound to a foreign address on purpose, IP addresses are allowed too: rebinding needs a name.
 * @throws StrelkaError 'foreign-host', 'foreign-origin'
 */
export function checkOrigin(request: IncomingMessage, options: GuardOptions): void {
  if (!usualHost.test(request.headers.host ?? '')) checkHost(request.headers.host ?? '', options);
  const origin = headerOf(request, 'origin');
  if (origin !== undefined && !isOwnOrigin(origin, options))
    throw new StrelkaError(
      'foreign-origin',
      'Web pages may not use this gateway: the request carries a foreign Origin header.',
    );
}

/** What nearly every request says. */
const usualHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/;

function checkHost(header: string, options: GuardOptions): void {
  const host = hostnameOf(`http://${header}`);
  if (host === undefined || !isAllowedHost(host, options))
    throw new StrelkaError(
      'foreign-host',
      'This gateway answers only to localhost, 127.0.0.1 and [::1]. Use http://127.0.0.1 as the address, or add the name to server.allowedHosts.',
    );
}

function isAllowedHost(host: string, options: GuardOptions): boolean {
  if (isLoopback(host)) return true;
  if (options.allowedHosts.some((name) => name.toLowerCase() === host)) return true;
  return !isLoopback(options.host) && /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/.test(host);
}

function isOwnOrigin(origin: string, options: GuardOptions): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.protocol === 'http:' && url.port === String(options.port) && isLoopback(url.hostname);
}

function hostnameOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname.toLowerCase() : undefined;
}

/**
 * Checks the client key, from `x-api-key` or `Authorization: Bearer` (protocol.md 1.2), in constant time.
 * @throws StrelkaError 'wrong-client-key'
 */
export function checkKey(request: IncomingMessage, clientKey: string): void {
  const bearer = /^Bearer\s+(.+)$/i.exec(headerOf(request, 'authorization') ?? '')?.[1];
  const offered = [headerOf(request, 'x-api-key'), bearer].filter((key) => key !== undefined);
  let matches = false;
  for (const key of offered) matches = isSameKey(key.trim(), clientKey) || matches;
  if (matches) return;
  const what = offered.length === 0 ? 'carries no key' : 'carries a wrong key';
  throw new StrelkaError(
    'wrong-client-key',
    `The request ${what}. Set ANTHROPIC_AUTH_TOKEN to Strelka's client key: "npm run -s strelka -- key" prints it.`,
  );
}

/** In a time that depends on the length alone, which is no secret. */
function isSameKey(offered: string, expected: string): boolean {
  const [one, other] = [Buffer.from(offered), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
