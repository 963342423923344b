import type { AttemptStream } from './attempt.ts';
import { StrelkaError } from './errors.ts';
import type { Part } from './part.ts';
import type { RepairNotes } from './repair/repair.ts';

/** How far the answer to the client has got, over all attempts. */
export interface Progress {
  /** Something has gone to the client, be it only thinking. */
  committed: boolean;
  /** Text or a tool call has gone to the client: from here on nothing can be taken back. */
  spoken: boolean;
}

export interface CommitGateOptions {
  /** False where the client wants no stream: then everything is held until the answer is whole. */
  streamed: boolean;
  /** Thinking is shown, so that it is a sign of life. */
  showThinking: boolean;
  progress: Progress;
  notes: RepairNotes;
  /** False where the target can't be asked another way any more: a thought then has to serve as the answer. */
  canAskAgain: boolean;
}

/**
 * Silence after which a stream is committed without a good part, where the upstream is at work: a long tool call is
 * held back until it is whole, and clients show a banner after 20 s without a byte (protocol.md 1.9, rule 6).
 */
const quietCommitMs = 15_000;

/**
 * Holds the parts of an attempt until the first good one: visible text, a tool call, or thinking that is shown. Until
 * then a failing target can be replaced unseen, and an error carries a real HTTP status (design.md, "Before commit").
 */
export class CommitGate {
  readonly #options: CommitGateOptions;
  #held: Part[] = [];
  #reasoning = '';
  #pending: Promise<Part[] | undefined> | undefined;
  /** One for all reads: the fragments of a long call come all the time, and none of them is a good part. */
  #silence: { over: Promise<'quiet'>; timer: NodeJS.Timeout } | undefined;
  #quiet = false;

  constructor(options: CommitGateOptions) {
    this.#options = options;
  }

  /**
   * @returns the next batch, [] where the silence before commit has lasted too long, undefined at the sound end
   * @throws what the stream throws
   */
  async next(stream: AttemptStream): Promise<Part[] | undefined> {
    const { progress, streamed } = this.#options;
    const pending = this.#pending ?? stream.next();
    this.#pending = undefined;
    if (progress.committed || !streamed) return pending;
    this.#silence ??= startSilence();
    const first = await Promise.race([pending, this.#silence.over]);
    if (first !== 'quiet') return first;
    // What is still to come is waited for by the next call.
    this.#pending = pending;
    this.#silence = undefined;
    this.#quiet = stream.active;
    return [];
  }

  /** The attempt is over, or nothing is held any more. */
  close(): void {
    clearTimeout(this.#silence?.timer);
    this.#silence = undefined;
  }

  /** @returns what may leave now, undefined where everything is still held */
  admit(batch: Part[]): Part[] | undefined {
    const { progress, streamed, showThinking } = this.#options;
    for (const part of batch) {
      if (part.type === 'reasoning') this.#reasoning += part.text;
    }
    const speaks = batch.some(isSpeech);
    if (streamed && progress.committed) {
      progress.spoken ||= speaks;
      return batch;
    }
    this.#held.push(...batch);
    const good = speaks || this.#quiet || (showThinking && batch.some((part) => part.type === 'reasoning'));
    if (!streamed || !good) return undefined;
    progress.committed = true;
    progress.spoken ||= speaks;
    this.close();
    return this.#release();
  }

  /**
   * The attempt has ended soundly.
   * @returns what was held
   * @throws StrelkaError 'answer-empty' where there is no answer in it (failures.md T-3, E-15)
   */
  conclude(stream: AttemptStream): Part[] {
    const { notes, canAskAgain } = this.#options;
    if (stream.verdict === 'empty')
      throw new StrelkaError('answer-empty', 'The model answered with nothing at all. Try again.');
    if (stream.verdict === 'reasoning-only') {
      if (canAskAgain) throw new StrelkaError('answer-empty', 'The model thought and then gave no answer. Try again.');
      // Better a thought as the answer than an agent that stops without a word.
      notes.add('reasoning-only', this.#reasoning, this.#reasoning);
      return [...this.#release(), { type: 'text', text: this.#reasoning.trim() }];
    }
    return this.#release();
  }

  #release(): Part[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }
}

function startSilence(): { over: Promise<'quiet'>; timer: NodeJS.Timeout } {
  const { promise, resolve } = Promise.withResolvers<'quiet'>();
  return { over: promise, timer: setTimeout(resolve, quietCommitMs, 'quiet') };
}

function isSpeech(part: Part): boolean {
  return part.type === 'tool-call' || (part.type === 'text' && part.text.trim() !== '');
}
