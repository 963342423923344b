/**
 * The middle language. Every upstream dialect is read into parts and both front doors are written from parts,
 * so that each repair is written once (design.md, "The house").
 */
export type Part = ReasoningPart | TextPart | ToolCallPart | UsagePart | FinishPart;

export interface ReasoningPart {
  type: 'reasoning';
  text: string;
}

export interface TextPart {
  type: 'text';
  text: string;
}

/** A whole call: it is emitted only when complete, which makes it safe to mend and to take over. */
export interface ToolCallPart {
  type: 'tool-call';
  /** As the upstream named it; '' when it did not. The front door gives out ids that clients accept. */
  id: string;
  name: string;
  /** JSON text of one object. */
  arguments: string;
}

export interface UsagePart {
  type: 'usage';
  usage: Usage;
}

/** Always the last part of a sound answer; its absence means that the stream broke. */
export interface FinishPart {
  type: 'finish';
  reason: FinishReason;
  /** The stop sequence that ended the answer, where the upstream tells. */
  stopSequence?: string;
}

export type FinishReason = 'stop' | 'length' | 'context-window' | 'tool-calls' | 'content-filter';

/** Token counts as the upstream reports them. */
export interface Usage {
  /** The whole prompt, cached tokens included. */
  inputTokens: number;
  /** The part of inputTokens that came from the upstream's prompt cache. */
  cachedInputTokens: number;
  outputTokens: number;
}

/** Receives parts, in order. */
export type Emit = (part: Part) => void;
