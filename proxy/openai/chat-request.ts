/**
 * A chat completions request as Strelka sends it (protocol.md 3). Only the fields that Strelka writes; what a client
 * of the OpenAI door sends beyond them passes through `extra`.
 */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream: true;
  stream_options?: { include_usage: true };
  tools?: ChatTool[];
  tool_choice?: ChatToolChoice;
  parallel_tool_calls?: boolean;
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop?: string[];
  user?: string;
  response_format?: ResponseFormat;
  reasoning_effort?: string;
  /** z.ai's switch. */
  thinking?: { type: 'enabled' | 'disabled' };
  /** Alibaba's switch. */
  enable_thinking?: boolean;
  /** vLLM's and SGLang's switch: {enable_thinking} for GLM and Qwen3, {thinking} for DeepSeek. */
  chat_template_kwargs?: Record<string, unknown>;
  /** vLLM and SGLang: go on with the assistant's message at the end instead of beginning a new one. */
  continue_final_message?: boolean;
  add_generation_prompt?: boolean;
  /** Fields that a client of the OpenAI door sent and Strelka doesn't know: they go along as they are. */
  extra?: Record<string, unknown>;
}

export type ResponseFormat =
  | { type: 'json_schema'; json_schema: { name: string; schema?: unknown; strict?: boolean } }
  /** json_object, text, and what servers have of their own. */
  | { type: string };

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

export interface SystemMessage {
  role: 'system';
  content: string;
}

export interface UserMessage {
  role: 'user';
  content: string | ChatContentPart[];
}

export interface AssistantMessage {
  role: 'assistant';
  content: string | null;
  reasoning_content?: string;
  tool_calls?: ChatToolCall[];
}

export interface ToolMessage {
  role: 'tool';
  tool_call_id: string;
  content: string;
}

export type ChatContentPart =
  | { type: 'text'; text: string }
  | { type: 'image_url'; image_url: { url: string; detail?: string } }
  | { type: 'file'; file: { filename: string; file_data: string } }
  | MediaPart;

/** Sound and pictures in motion, in OpenAI's form and vLLM's: passed on unread. */
export interface MediaPart {
  type: 'input_audio' | 'audio_url' | 'video_url';
  [field: string]: unknown;
}

/** @returns true for content that is passed on unread */
export function isMediaPart(part: { type: string }): part is MediaPart {
  return part.type === 'input_audio' || part.type === 'audio_url' || part.type === 'video_url';
}

export interface ChatToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

export interface ChatTool {
  type: 'function';
  function: { name: string; description?: string; parameters: Record<string, unknown>; strict?: boolean };
}

export type ChatToolChoice = 'auto' | 'none' | 'required' | { type: 'function'; function: { name: string } };
