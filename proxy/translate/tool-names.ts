import { createHash } from 'node:crypto';

/** What chat completions servers accept as a function's name. */
const acceptable = /^[a-zA-Z0-9_-]{1,64}$/;
const maxLength = 64;
const hashLength = 10;

/**
 * The two-way mapping between a client's tool names and those that an upstream accepts. It depends on the names only,
 * so that a tool keeps its sent name through a conversation, which prefix caches need.
 */
export class ToolNames {
  readonly #sent = new Map<string, string>();
  readonly #client = new Map<string, string>();

  /** @param names every name that the request holds: those that need no change are taken first, so none can clash */
  constructor(names: Iterable<string>) {
    const all = [...names];
    // Nearly always none needs a change: then there is nothing to remember.
    if (all.every((name) => acceptable.test(name))) return;
    for (const name of all) if (acceptable.test(name)) this.#add(name, name);
    for (const name of all) if (!acceptable.test(name) && !this.#sent.has(name)) this.#add(name, this.#shorten(name));
  }

  /** @returns the name that goes to the upstream for a client's name */
  sent(clientName: string): string {
    return this.#sent.get(clientName) ?? (acceptable.test(clientName) ? clientName : this.#shorten(clientName));
  }

  /** @returns the client's own name for one that was sent; a name that was never sent stays as it is */
  client(sentName: string): string {
    return this.#client.get(sentName) ?? sentName;
  }

  #add(clientName: string, sentName: string): void {
    this.#sent.set(clientName, sentName);
    this.#client.set(sentName, clientName);
  }

  /** A readable start and a hash of the whole; salted further in the case that another tool has that very name. */
  #shorten(name: string): string {
    const start = name.replace(/[^a-zA-Z0-9_-]+/g, '_').slice(0, maxLength - hashLength - 1) || 'tool';
    for (let salt = 0; ; salt += 1) {
      const hash = createHash('sha256').update(salt === 0 ? name : `${salt} ${name}`);
      const candidate = `${start}_${hash.digest('hex').slice(0, hashLength)}`;
      if (!this.#client.has(candidate)) return candidate;
    }
  }
}
