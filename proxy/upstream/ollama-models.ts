import type { OllamaClient, RunningModel, ShownModel } from './ollama-client.ts';
import { smallerContext } from './ollama-context.ts';
import { isMemoryRefusal, isThinkingRefusal } from './ollama-error.ts';
import { isSameModel, wholeName } from './ollama-name.ts';

/** A model of Ollama's as far as it matters to a request. */
export interface LocalModel extends ShownModel {
  /** As it is in memory now, undefined where it is not. */
  running: RunningModel | undefined;
  /** Tokens that it is loaded for, or that we asked it to be loaded for; 0 where neither. */
  contextInUse: number;
  /** Tokens that its memory allows, as far as refusals have told. */
  contextThatFits: number;
}

/** What is remembered of a model. */
interface Known {
  shown?: { facts: ShownModel; at: number };
  /** The largest context that we asked for, and when last. */
  asked: number;
  askedAt: number;
  fits: number;
  /** Ollama refused `think`, where it is too old to list capabilities. */
  cannotThink: boolean;
}

const shownFreshMs = 10 * 60_000;
const runningFreshMs = 5_000;
/** Ollama gives a load up when nothing moves for this long (protocol.md 5). */
export const loadStallMs = 5 * 60_000;

/** What one Ollama has and holds in memory. Asked seldom: a description is kept for minutes, the memory for seconds. */
export class OllamaModels {
  readonly #client: OllamaClient;
  readonly #clock: { now(): number };
  readonly #known = new Map<string, Known>();
  #running: { models: readonly RunningModel[]; at: number } | undefined;

  /** @param clock milliseconds; `performance` will do */
  constructor(client: OllamaClient, clock: { now(): number } = performance) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * @param fresh asks anew, whatever is remembered
   * @throws StrelkaError 'model-missing' where Ollama doesn't have it, or what the connection failed with
   */
  async look(name: string, signal: AbortSignal, fresh = false): Promise<LocalModel> {
    const known = this.#of(name);
    const [shown, running] = await Promise.all([
      this.#show(name, known, signal, fresh),
      this.#listRunning(signal, fresh),
    ]);
    const loaded = running.find((model) => isSameModel(model.name, name));
    // A load under way is not listed yet; after the longest one it must be, or it has been thrown out again.
    const isAsked = loaded !== undefined || this.#clock.now() - known.askedAt < loadStallMs;
    return {
      ...shown,
      capabilities: known.cannotThink ? without(shown.capabilities, 'thinking') : shown.capabilities,
      running: loaded,
      contextInUse: Math.max(loaded?.contextLength ?? 0, isAsked ? known.asked : 0),
      contextThatFits: known.fits,
    };
  }

  /** Remembers the context that a model is asked with, so that requests beside it ask with the same. */
  noteAsked(name: string, contextLength: number): void {
    const known = this.#of(name);
    known.asked = Math.max(known.asked, contextLength);
    known.askedAt = this.#clock.now();
  }

  /**
   * Reads from a refusal what to leave out or make smaller.
   * @param request the context that it was asked with, and the prompt that has to fit
   * @returns true where asking once more, after another look, is worth it
   */
  learn(
    name: string,
    refusal: { status: number; body: unknown },
    request: { contextLength: number; estimatedInputTokens: number },
  ): boolean {
    const known = this.#of(name);
    // A load or a refusal changes what is in memory.
    this.#running = undefined;
    if (isThinkingRefusal(refusal.status, refusal.body) && !known.cannotThink) {
      known.cannotThink = true;
      return true;
    }
    if (!isMemoryRefusal(refusal.status, refusal.body)) return false;
    const smaller = smallerContext(request.contextLength, request.estimatedInputTokens);
    if (smaller === undefined) return false;
    known.fits = Math.min(known.fits, smaller);
    known.asked = 0;
    return true;
  }

  #of(name: string): Known {
    const key = wholeName(name);
    const known = this.#known.get(key) ?? { asked: 0, askedAt: -Infinity, fits: Infinity, cannotThink: false };
    this.#known.set(key, known);
    return known;
  }

  async #show(name: string, known: Known, signal: AbortSignal, fresh: boolean): Promise<ShownModel> {
    const now = this.#clock.now();
    if (!fresh && known.shown && now - known.shown.at < shownFreshMs) return known.shown.facts;
    known.shown = undefined;
    const facts = await this.#client.show(name, signal);
    known.shown = { facts, at: now };
    return facts;
  }

  async #listRunning(signal: AbortSignal, fresh: boolean): Promise<readonly RunningModel[]> {
    const now = this.#clock.now();
    if (!fresh && this.#running && now - this.#running.at < runningFreshMs) return this.#running.models;
    const models = await this.#client.running(signal);
    this.#running = { models, at: now };
    return models;
  }
}

function without(capabilities: ReadonlySet<string> | undefined, name: string): ReadonlySet<string> {
  // Unknown ones are taken for what every other request relies on.
  return new Set([...(capabilities ?? ['completion', 'tools', 'vision'])].filter((capability) => capability !== name));
}
