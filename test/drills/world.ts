/** What the model shall say in one exchange. Whoever is asked says the same, so that nothing can be lost or doubled unseen. */
export interface Script {
  text: string;
  reasoning?: string;
  /** How many tools it calls behind the text. */
  calls: number;
}

/** One request that an upstream got for an exchange. */
export interface Served {
  /** Stands in the arguments of every call that this attempt makes. */
  attempt: string;
  model: string;
  local: boolean;
  /** The fault that it met, null for a sound answer. */
  fault: string | null;
  /** It was asked to go on with an answer that had begun elsewhere. */
  continued: boolean;
}

export interface Scene {
  /** Stands in the question, so that upstreams know what they are asked. */
  marker: string;
  script: Script;
  served: Served[];
  /** Resolves when the client has a first part of the answer, or waits for a whole one. */
  heard: Promise<void>;
  hear(): void;
}

/** What an upstream sends: the script, or what is left of it behind what the client has. */
export interface Play {
  scene: Scene;
  served: Served;
  text: string;
  reasoning: string;
  /** The client has the whole text already. */
  textIsTold: boolean;
  calls: { name: string; arguments: { file_path: string; attempt: string } }[];
}

interface Spoken {
  role: string;
  text: string;
}

const goOnWords = 'Your last answer was interrupted.';

/** All exchanges of a drill, known to client and upstreams alike. */
export class World {
  readonly scenes = new Map<string, Scene>();
  /** What upstreams saw that must not be. */
  readonly oddities: string[] = [];
  #attempts = 0;

  /** @returns a new exchange, to be asked by its marker */
  begin(script: (marker: string) => Script): Scene {
    const marker = `x${this.scenes.size + 1}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    const scene: Scene = { marker, script: script(marker), served: [], heard: promise, hear: resolve };
    this.scenes.set(marker, scene);
    return scene;
  }

  /**
   * Notes that an upstream is asked.
   * @param messages of the request, the last ones name the exchange
   * @returns what a sound model would say to it; undefined for a probe, which belongs to no exchange
   */
  play(messages: readonly Spoken[], where: { model: string; local: boolean }): Play | undefined {
    const scene = this.#sceneOf(messages);
    if (!scene) return undefined;
    this.#attempts += 1;
    const attempt = `a${this.#attempts}`;
    const told = toldIn(messages);
    const served: Served = { ...where, attempt, fault: null, continued: told !== undefined };
    scene.served.push(served);
    const { script } = scene;
    const calls = Array.from({ length: script.calls }, (_, index) => ({
      name: 'Read',
      arguments: { file_path: `/${scene.marker}/${index}`, attempt },
    }));
    const textIsTold = told === script.text;
    if (told === undefined)
      return { scene, served, text: script.text, textIsTold, reasoning: script.reasoning ?? '', calls };
    if (!script.text.startsWith(told)) this.oddities.push(`${scene.marker}: was told to go on from "${told}"`);
    return { scene, served, text: goOn(script.text, told, this.#attempts), textIsTold, reasoning: '', calls };
  }

  #sceneOf(messages: readonly Spoken[]): Scene | undefined {
    for (const { role, text } of messages.toReversed()) {
      // What the model itself said may be cut off in the middle of a marker.
      if (role === 'assistant') continue;
      const marker = /\bx\d+\b/.exec(text)?.[0];
      if (marker !== undefined) return this.scenes.get(marker);
    }
    return undefined;
  }
}

/** @returns what the client has of the answer, where the request is to go on with one */
function toldIn(messages: readonly Spoken[]): string | undefined {
  const last = messages.at(-1);
  if (last?.role === 'assistant') return last.text;
  const before = messages.at(-2);
  return last?.text.startsWith(goOnWords) && before?.role === 'assistant' ? before.text : undefined;
}

/** Models go on in three ways: exactly, with the last words once more, or from the start. */
function goOn(whole: string, told: string, attempt: number): string {
  const rest = whole.slice(told.length);
  if (attempt % 3 === 1 && told.length > 20) return whole;
  const lastWords = told.slice(told.lastIndexOf(' ', told.length - 20) + 1);
  if (attempt % 3 === 2 && lastWords.length > 12 && lastWords.length < 100) return lastWords + rest;
  return rest;
}

/** @returns a text of so many words, none of them twice, that ends with its marker */
export function writeText(marker: string, words: number): string {
  const body = Array.from({ length: words }, (_, index) => `${wordsInUse[index % wordsInUse.length]}${index}`);
  return `Answer to ${marker}: ${body.join(' ')} end of ${marker}.`;
}

const wordsInUse = ['read', 'стрелка', 'tool,', 'дом', '🚂', 'a-b', '<b>', 'switch;'];

/** A small seeded generator (mulberry32), so that a failed run can be run again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
