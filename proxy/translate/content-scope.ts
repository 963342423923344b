import type { Profile } from '../contract/profile.ts';
import type { ChatContentPart } from '../openai/chat-request.ts';
import type { DocumentTexts } from './documents.ts';
import type { ToolNames } from './tool-names.ts';

/** What the translation of a block may know of the request and its target. */
export interface ContentScope {
  model: string;
  profile: Profile;
  documents: DocumentTexts;
  /** The tools' names as the model knows them. */
  names: ToolNames;
  /** The block stands in a tool's result: the person who sees an error can't mend what a tool returned. */
  inToolResult: boolean;
}

export type TextPart = Extract<ChatContentPart, { type: 'text' }>;

export function textPart(text: string): TextPart {
  return { type: 'text', text };
}
