import type { Target } from './routes.ts';

interface Stay {
  target: Target;
  since: number;
}

/** More conversations than this are not under way on one machine; the one moved first is forgotten. */
const kept = 1000;

/** Which conversations stay with a stand-in, so that one agent loop is not torn between models (issue 4, point 3). */
export class Conversations {
  readonly #stays = new Map<string, Stay>();

  /**
   * Notes who answered a conversation that its first target could not. The stay counts from the move, not from the last
   * answer: a loop that runs for an hour goes home in between.
   */
  move(conversation: string, target: Target, now: number): void {
    const stay = this.#stays.get(conversation);
    if (stay && stay.target.upstream === target.upstream && stay.target.model === target.model) return;
    this.#stays.delete(conversation);
    this.#stays.set(conversation, { target, since: now });
    if (this.#stays.size > kept) for (const oldest of this.#stays.keys()) return void this.#stays.delete(oldest);
  }

  /** Its turn ended, or its first target answered it. */
  release(conversation: string): void {
    this.#stays.delete(conversation);
  }

  /** @returns the stand-in that the conversation stays with */
  standInOf(conversation: string, now: number, stayMs: number): Target | undefined {
    const stay = this.#stays.get(conversation);
    if (stay && now - stay.since >= stayMs) this.#stays.delete(conversation);
    else return stay?.target;
    return undefined;
  }
}

/**
 * @returns a number from 0 to below 1 that is always the same for a conversation: while the share of new turns that go
 *   back grows, a conversation that went back stays there
 */
export function lotOf(conversation: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < conversation.length; index += 1)
    hash = Math.imul(hash ^ conversation.charCodeAt(index), 0x01000193);
  // FNV alone spreads short names badly in its high bits.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
