import type { ChatRequest } from '../openai/chat-request.ts';

/** A server that answers. One file a kind in this folder; all are spoken to through this. */
export interface Upstream {
  id: string;
  /** For a person: "cloud.ru". */
  name: string;
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

/** An answer as it comes: chunks of chat completions, several a read. */
export interface RawAnswer {
  chunks: AsyncIterable<unknown[]>;
  /** `[DONE]` has come. */
  readonly done: boolean;
  /** Data of frames that could not be read, at most 200 characters each. */
  readonly brokenFrames: readonly string[];
  /** The finish reason has come: what is to follow comes at once or never, so the wait for it becomes short. */
  expectEnd(): void;
  /** Ends the request where the answer is not wanted any more. */
  cancel(): void;
}
