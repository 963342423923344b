import { randomBytes } from 'node:crypto';

/** What clients take: Anthropic's own pattern, and long enough not to come again in a later turn. */
const acceptable = /^[a-zA-Z0-9_-]{12,64}$/;

/**
 * Gives out the ids of one message's tool calls. An upstream's own id stays where clients accept it; missing, odd,
 * short ("call_1" comes again every turn) and repeated ones are made anew (failures.md N-10).
 */
export class CallIds {
  readonly #prefix: string;
  readonly #given = new Set<string>();

  /** @param prefix of ids that are made here: each door's clients know their own */
  constructor(prefix: 'toolu_' | 'call_') {
    this.#prefix = prefix;
  }

  /** @param upstreamId the id that the upstream gave, '' where none */
  give(upstreamId: string): string {
    const id =
      acceptable.test(upstreamId) && !this.#given.has(upstreamId)
        ? upstreamId
        : `${this.#prefix}${randomBytes(12).toString('hex')}`;
    this.#given.add(id);
    return id;
  }
}
