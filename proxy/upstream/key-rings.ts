import type { Log } from '../log.ts';
import { KeyRing } from './keys.ts';

/** The key rings of all upstreams. They outlive the upstreams, which are made anew with each change of settings. */
export class KeyRings {
  readonly #log: Log;
  readonly #rings = new Map<string, KeyRing>();

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * @param baseUrl keys belong to a server: under another address nothing is known of them
   * @returns the ring of an upstream, the same one as before where there is one
   */
  open(upstream: { id: string; name: string; baseUrl: string }): KeyRing {
    const { id, name, baseUrl } = upstream;
    const known = this.#rings.get(`${id} ${baseUrl}`);
    if (known) return known;
    const ring = new KeyRing({ id, name, log: this.#log });
    this.#rings.set(`${id} ${baseUrl}`, ring);
    return ring;
  }
}
