import { type MessagesRequest, parseMessagesRequest } from '../../../proxy/anthropic/request.ts';
import type { Profile } from '../../../proxy/contract/profile.ts';
import { type TranslatedRequest, type TranslateOptions, translateRequest } from '../../../proxy/translate/request.ts';

/** A profile that can do everything, so that each test switches off what it is about. */
export function sampleProfile(changes: Partial<Profile> = {}): Profile {
  return {
    thinking: 'enable-thinking-kwarg',
    replayReasoning: true,
    vision: true,
    imageWithoutVision: 'refuse',
    readsPdf: false,
    contextWindow: 200_000,
    maxOutputTokens: 64_000,
    maxTokensField: 'max_tokens',
    topK: true,
    forcedToolChoice: true,
    parallelToolCalls: true,
    strictTools: true,
    systemAnywhere: true,
    toolCallIds: 'any',
    streamsToolCalls: true,
    thinkingPrefilled: false,
    continuation: 'instruction',
    ...changes,
  };
}

export interface SampleOptions extends Partial<Omit<TranslateOptions, 'profile'>> {
  profile?: Partial<Profile>;
}

/** @returns options of a translation, with the changes a test is about */
export function sampleOptions({ profile, ...changes }: SampleOptions = {}): TranslateOptions {
  return {
    model: 'zai-org/GLM-5.1',
    profile: sampleProfile(profile),
    thinkingDisabled: false,
    limits: { maxTokens: null, minTokens: null },
    estimatedInputTokens: 1_000,
    documents: new Map(),
    ...changes,
  };
}

/** @returns a parsed request: the given fields beside a model, a cap and one message */
export function sampleRequest(fields: Record<string, unknown> = {}): MessagesRequest {
  return parseMessagesRequest({
    model: 'claude-opus-5',
    max_tokens: 1_024,
    messages: [{ role: 'user', content: 'Hi' }],
    ...fields,
  });
}

/** Parses and translates in one step, as an exchange does. */
export function translateSample(fields: Record<string, unknown> = {}, options: SampleOptions = {}): TranslatedRequest {
  return translateRequest(sampleRequest(fields), sampleOptions(options));
}

/** @returns the translated messages of a conversation */
export function translateMessages(
  messages: unknown[],
  options: SampleOptions = {},
): TranslatedRequest['chat']['messages'] {
  return translateSample({ messages }, options).chat.messages;
}

/** What Claude Code 2.1.329 sends (protocol.md 1.6), in small: every field, tools, thinking, results, reminders. */
export function claudeCodeRequest(): Record<string, unknown> {
  const cached = { cache_control: { type: 'ephemeral', ttl: '1h' } };
  return {
    model: 'claude-opus-5',
    max_tokens: 32_000,
    stream: true,
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.329.abc; cc_entrypoint=cli; cch=00000;' },
      { type: 'text', text: "You are Claude Code, Anthropic's official CLI for Claude.", ...cached },
      { type: 'text', text: 'Be concise.', ...cached },
    ],
    tools: [
      {
        name: 'Read',
        description: 'Reads a file',
        input_schema: {
          $schema: 'http://json-schema.org/draft-07/schema#',
          type: 'object',
          properties: { file_path: { type: 'string' }, limit: { type: 'integer', exclusiveMinimum: 0 } },
          required: ['file_path'],
          additionalProperties: false,
        },
        eager_input_streaming: true,
        ...cached,
      },
      { name: 'Bash', type: 'custom', input_schema: { type: 'object', properties: { command: { type: 'string' } } } },
      { name: `mcp__a_server_with_a_long_name__${'and_a_tool_with_a_longer_one_'.repeat(3)}`, defer_loading: true },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: false },
    thinking: { type: 'adaptive', display: 'summarized' },
    metadata: { user_id: '{"device_id":"d","account_uuid":"8c1f-secret","session_id":"0f3a-session"}' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    output_config: { effort: 'high', task_budget: { total: 5 } },
    safeguards: {},
    speed: 'standard',
    diagnostics: { previous_message_id: null },
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<system-reminder>Today is Friday.</system-reminder>' },
          { type: 'text', text: 'Fix the bug in a.ts', ...cached },
        ],
      },
      { role: 'system', content: [{ type: 'text', text: 'Plan mode is off.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I should read it.', signature: 'c3RyZWxrYQ==' },
          { type: 'redacted_thinking', data: 'xxx' },
          { type: 'text', text: 'I read the file.' },
          { type: 'tool_use', id: 'toolu_1', name: 'Read', input: { file_path: '/a.ts' }, caller: { type: 'direct' } },
          { type: 'tool_use', id: 'toolu_2', name: 'Bash', input: { command: 'ls' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Go on.' },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: 'no such folder', is_error: true },
          {
            type: 'tool_result',
            tool_use_id: 'toolu_1',
            content: [
              { type: 'text', text: 'const a = 1;' },
              { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
            ],
            ...cached,
          },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'bug' } },
          {
            type: 'web_search_tool_result',
            tool_use_id: 'srvtoolu_1',
            content: [
              { type: 'web_search_result', title: 'A bug', url: 'https://a.example', encrypted_content: 'zzz' },
            ],
          },
          { type: 'text', text: 'Done.' },
        ],
      },
      { role: 'user', content: 'Thanks' },
    ],
  };
}
