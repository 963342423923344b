import { createHash } from 'node:crypto';
import type { Profile } from '../contract/profile.ts';

const acceptable = /^[a-zA-Z0-9_-]{1,64}$/;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Gives the calls of a history ids that the upstream takes, each one once. The same history always gets the same
 * ids: a prefix cache would miss otherwise. Nothing has to be mapped back, since answers bring ids of their own.
 */
export class ToolIds {
  readonly #style: Profile['toolCallIds'];
  readonly #used = new Set<string>();
  #count = 0;

  constructor(style: Profile['toolCallIds']) {
    this.#style = style;
  }

  /**
   * @param clientId the id in the client's history, which other providers may have made, even twice
   * @param name the tool's name as sent
   */
  next(clientId: string, name: string): string {
    for (let repeat = 0; ; repeat += 1) {
      const id = this.#candidate(clientId, name, repeat);
      this.#count += 1;
      if (this.#used.has(id)) continue;
      this.#used.add(id);
      return id;
    }
  }

  #candidate(clientId: string, name: string, repeat: number): string {
    switch (this.#style) {
      case 'kimi':
        // Kimi's template numbers the calls of a conversation; other ids make it invent text calls.
        return `functions.${name}:${this.#count}`;
      case 'nine-alphanumerics':
        return repeat === 0 && /^[a-zA-Z0-9]{9}$/.test(clientId) ? clientId : nineAlphanumerics(clientId, repeat);
      case 'any':
        return repeat === 0 && acceptable.test(clientId)
          ? clientId
          : `call_${digest(clientId, repeat).toString('hex')}`;
    }
  }
}

function digest(clientId: string, repeat: number): Buffer {
  return createHash('sha256').update(`${repeat} ${clientId}`).digest().subarray(0, 12);
}

function nineAlphanumerics(clientId: string, repeat: number): string {
  return [...digest(clientId, repeat).subarray(0, 9)].map((byte) => alphabet[byte % alphabet.length]).join('');
}
