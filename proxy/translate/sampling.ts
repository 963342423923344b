import { createHash } from 'node:crypto';
import { isObject } from '../anthropic/blocks.ts';
import type { MessagesRequest } from '../anthropic/request.ts';
import type { Profile } from '../contract/profile.ts';
import type { ChatRequest } from '../openai/chat-request.ts';
import { portableSchema } from './tool-schema.ts';

/** OpenAI's limit; servers refuse the whole request over it. */
const maxStops = 4;

type SamplingFields = Pick<ChatRequest, 'temperature' | 'top_p' | 'top_k' | 'stop' | 'user' | 'response_format'>;

/** The fields of a request that shape the answer and are neither messages, tools nor limits. */
export function samplingFields(request: MessagesRequest, profile: Profile): SamplingFields {
  const temperature = request.temperature ?? profile.temperature;
  const topP = request.top_p ?? profile.topP;
  const stop = stops(request.stop_sequences ?? []);
  const user = endUser(request.metadata?.user_id ?? '');
  const format = responseFormat(request);
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(profile.topK && typeof request.top_k === 'number' && { top_k: request.top_k }),
    ...(stop.length > 0 && { stop }),
    ...(user !== '' && { user }),
    ...(format && { response_format: format }),
  };
}

/**
 * Anthropic refuses whitespace-only stop sequences, and to an OpenAI server they would end an answer at its first space.
 * @returns as many of the others as servers take, each once
 */
export function stops(sequences: readonly string[]): string[] {
  return [...new Set(sequences)].filter((sequence) => sequence.trim() !== '').slice(0, maxStops);
}

/**
 * Whom the upstream may count requests for. Claude Code's id tells device, account and session, as JSON or as
 * `user_..._account_..._session_...` (protocol.md 1.6): only a hash of the session leaves. An opaque id stays.
 */
function endUser(userId: string): string {
  if (userId === '' || /^[a-zA-Z0-9-]{1,64}$/.test(userId)) return userId;
  const session = /session_(?:id["']?\s*:\s*["'])?([0-9a-zA-Z-]+)/.exec(userId)?.[1];
  return createHash('sha256')
    .update(session ?? userId)
    .digest('hex')
    .slice(0, 32);
}

/** `output_config.format`, or its deprecated place `output_format` (protocol.md 2). Other formats than a schema are unknown. */
function responseFormat(request: MessagesRequest): ChatRequest['response_format'] {
  const format = request.output_config?.format ?? request.output_format;
  if (format?.type !== 'json_schema' || !isObject(format.schema)) return undefined;
  return {
    type: 'json_schema',
    json_schema: { name: 'answer', schema: portableSchema(format.schema), strict: true },
  };
}
