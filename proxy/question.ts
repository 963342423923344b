import type { Profile } from './contract/profile.ts';
import type { Exchange } from './exchange.ts';
import type { ChatRequest } from './openai/chat-request.ts';
import type { DeclaredTool } from './repair/repair.ts';
import type { CountableRequest } from './translate/token-count.ts';

/** What a front door hands over: one request, still independent of the target that will answer it. */
export interface Question {
  exchange: Exchange;
  askedModel: string;
  /** The client wants a stream: parts leave as they come. Else nothing leaves before the answer is whole. */
  streamed: boolean;
  /** The last message is no tool result: a new turn of the conversation begins. */
  newTurn: boolean;
  /** The client asked to see thinking, so that thinking counts as an answer's first sign of life. */
  showThinking: boolean;
  stopSequences: readonly string[];
  /** Aborts with a StrelkaError as its reason. */
  signal: AbortSignal;
  /** Rough count, not yet corrected for a model. */
  estimatedInputTokens: number;
  /** The request in the form that tokens are counted in. */
  countable: CountableRequest;
  /** What the user and the tools wrote. */
  quotable: () => string;
  /** @throws StrelkaError where the target's model can't take the request */
  prepare(model: string, profile: Profile, thinkingOff: boolean, estimatedInputTokens: number): Prepared;
}

export interface Prepared {
  chat: ChatRequest;
  /** By sent name; empty where no tool may be called. */
  tools: ReadonlyMap<string, DeclaredTool>;
  /** The client's name for a sent name. */
  clientToolName(sent: string): string;
  /** The client takes one tool call an answer. */
  oneCallOnly: boolean;
}
