import { z } from 'zod';

/**
 * What a model needs: how to switch its thinking, what it can read, how much it can hold. Found by the model's id in
 * profiles.json (patterns, first match wins per field), with numbers from catalogue.json; settings override both.
 */
export const profileSchema = z.strictObject({
  /** How thinking is switched and asked for (protocol.md 3, "Extensions"). */
  thinking: z.enum([
    /** The model has no switch: nothing is sent. */
    'none',
    /** `chat_template_kwargs: {enable_thinking}` — GLM and Qwen3 on vLLM and SGLang. */
    'enable-thinking-kwarg',
    /** `chat_template_kwargs: {thinking}` — DeepSeek V3.1 and later. */
    'thinking-kwarg',
    /** `thinking: {type: enabled | disabled}` — z.ai. */
    'thinking-type',
    /** `enable_thinking` at the top — Alibaba. */
    'enable-thinking-field',
    /** `reasoning_effort: low | medium | high` — gpt-oss. */
    'reasoning-effort',
  ]),
  /** Thinking of earlier turns goes back as `reasoning_content` (GLM's interleaved thinking wants it). */
  replayReasoning: z.boolean(),
  /** The model sees images. */
  vision: z.boolean(),
  /** What to do with an image that the model can't see: refuse the request, or put a sentence in its place. */
  imageWithoutVision: z.enum(['refuse', 'describe']),
  /** The upstream takes PDF files as they are; else their text is sent. */
  readsPdf: z.boolean(),
  /** Tokens of prompt and answer together. */
  contextWindow: z.number().int().positive(),
  /** Most tokens of one answer. */
  maxOutputTokens: z.number().int().positive(),
  /** Which field carries the cap. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']),
  /** The upstream takes `top_k`. */
  topK: z.boolean(),
  /** `tool_choice` beyond auto and none is understood (z.ai takes only auto). */
  forcedToolChoice: z.boolean(),
  /** `parallel_tool_calls` is understood. */
  parallelToolCalls: z.boolean(),
  /** `strict` on tools is understood. */
  strictTools: z.boolean(),
  /** System messages may stand between others; else they become user messages in <system-reminder>. */
  systemAnywhere: z.boolean(),
  /** The ids of tool calls that the upstream takes in the history: any, Kimi's functions.NAME:N, or nine alphanumerics. */
  toolCallIds: z.enum(['any', 'kimi', 'nine-alphanumerics']),
  /** False where streamed tool calls of this model are unusable: then it is asked unstreamed when tools are declared. */
  streamsToolCalls: z.boolean(),
  /** How a target goes on with an answer that broke off elsewhere; servers that go on by themselves need no instruction. */
  continuation: z.enum(['continue-final-message', 'trailing-assistant', 'instruction']),
  /** The chat template opens `<think>` itself, so that only `</think>` comes. */
  thinkingPrefilled: z.boolean(),
  /** Sampling that the model's makers advise; used where the client says nothing. */
  temperature: z.number().optional(),
  topP: z.number().optional(),
  /**
   * Prompt shaping for small models (proxy/profile/shaping). Absent leaves prompts as they are, and so does null, with
   * which settings switch it off; {} switches it on.
   */
  shaping: z
    .strictObject({
      /** Characters that the system prompt may hold (seeds 1.3: attention is lost beyond 4000). */
      systemLimit: z.number().int().min(1000).default(4000),
      /** Characters that one tool's description may hold. */
      toolDescriptionLimit: z.number().int().min(100).default(1000),
      /** A line that asks the model not to refuse what a tool can do. */
      antiRefusal: z.boolean().default(true),
    })
    .nullish(),
});

export type Profile = z.infer<typeof profileSchema>;
