import type { Profile } from '../contract/profile.ts';
import type { ChatRequest } from '../openai/chat-request.ts';

/** A server that answers. One file a kind in this folder; all are spoken to through this. */
export interface Upstream {
  id: string;
  /** For a person: "cloud.ru". */
  name: string;
  /** How its servers go on with an answer that broke off elsewhere; undefined where that depends on the model. */
  continuation?: Profile['continuation'];
  /**
   * Sends one request.
   * @returns once the upstream has answered with a success status
   * @throws StrelkaError for everything else
   */
  ask(call: UpstreamCall): Promise<RawAnswer>;
  /** @returns the ids of the models that the upstream lists */
  listModels(signal: AbortSignal): Promise<string[]>;
}

export interface UpstreamCall {
  chat: ChatRequest;
  /** False where streamed tool calls of this model are unusable. */
  streamed: boolean;
  /** Aborts when the client leaves or the attempt's time is up; its reason is a StrelkaError. */
  signal: AbortSignal;
  timeouts: CallTimeouts;
  facts: CallFacts;
  /** How it queues where the rate of requests is limited; without it in the foreground, and as long as a first byte may take. */
  queue?: CallQueue;
}

export interface CallQueue {
  /** The small tier: titles and summaries, which nobody sits and waits for. */
  background: boolean;
  /** A wait that is going to be longer is refused at once, with 'rate-limited'. */
  maxWaitMs: number;
  /** Hears how long each wait was, in milliseconds. */
  onWait?(milliseconds: number): void;
}

export interface CallTimeouts {
  firstByteMs: number;
  idleMs: number;
  totalMs: number;
}

/** What error messages need to know. */
export interface CallFacts {
  contextWindow: number;
  estimatedInputTokens: number;
}

/** An answer as it comes: chunks of chat completions, several a read, a `BrokenFrame` in place of an unreadable one. */
export interface RawAnswer {
  chunks: AsyncIterable<unknown[]>;
  /** The answer is whole: `[DONE]` has come, or it was one JSON object. */
  readonly done: boolean;
  /** The finish reason has come: what is to follow comes at once or never, so the wait for it becomes short. */
  expectEnd(): void;
  /** Ends the request where the answer is not wanted any more. */
  cancel(): void;
}
