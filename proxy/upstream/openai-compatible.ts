import type { IncomingHttpHeaders } from 'node:http';
import { StrelkaError } from '../errors.ts';
import { serializeChat } from '../openai/chat-body.ts';
import { asFields, asText } from '../openai/chunk.ts';
import type { AnswerBody } from './answer-handler.ts';
import { type Connections, describeTransportError } from './connection.ts';
import { Deadline } from './deadline.ts';
import { readAnswer } from './read-answer.ts';
import { RefusedFields } from './refused-fields.ts';
import type { RawAnswer, Upstream, UpstreamCall } from './upstream.ts';
import { describeUpstreamError } from './upstream-error.ts';

export interface OpenAiCompatibleOptions {
  id: string;
  name: string;
  /** With the version: https://foundation-models.api.cloud.ru/v1 */
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  /** The key to use now; undefined where the upstream needs none. */
  key: () => string | undefined;
  connections: Connections;
}

const errorBodyLimit = 64 * 1024;

/** An upstream that speaks OpenAI's chat completions: vLLM, SGLang, llama.cpp, LM Studio, and cloud.ru (protocol.md 3). */
export class OpenAiCompatible implements Upstream {
  readonly id: string;
  readonly name: string;
  readonly #options: OpenAiCompatibleOptions;
  readonly #chatUrl: URL;
  readonly #modelsUrl: URL;
  readonly #refused = new RefusedFields();
  readonly #extraHeaders: Readonly<Record<string, string>>;

  constructor(options: OpenAiCompatibleOptions) {
    this.#extraHeaders = Object.fromEntries(
      Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    this.id = options.id;
    this.name = options.name;
    this.#options = options;
    const base = options.baseUrl.replace(/\/+$/, '');
    this.#chatUrl = new URL(`${base}/chat/completions`);
    this.#modelsUrl = new URL(`${base}/models`);
  }

  async ask(call: UpstreamCall): Promise<RawAnswer> {
    const deadline = new Deadline(call.signal);
    try {
      const waitMs = call.streamed ? call.timeouts.firstByteMs : call.timeouts.totalMs;
      deadline.expect(waitMs, call.streamed ? 'the first word of the answer' : 'the answer');
      for (;;) {
        const chat = this.#refused.without(call.chat);
        const response = await this.#options.connections.request(this.#chatUrl, {
          method: 'POST',
          headers: this.#headers(call.streamed ? 'text/event-stream' : 'application/json'),
          body: serializeChat(chat, call.streamed),
          signal: deadline.signal,
        });
        if (response.statusCode === 200) return readAnswer(response.body, deadline, call, this.#chatUrl.host);
        const body = await readErrorBody(response.body);
        // Each round leaves out at least one field more, so this ends.
        if (this.#refused.learn(chat, response.statusCode, body)) continue;
        throw describeUpstreamError({
          status: response.statusCode,
          body,
          upstream: this.name,
          model: call.chat.model,
          retryAfter: readRetryAfter(response.headers),
          ...call.facts,
        });
      }
    } catch (cause) {
      deadline.close();
      throw describeTransportError(cause, this.#chatUrl.host, deadline.signal);
    }
  }

  async listModels(signal: AbortSignal): Promise<string[]> {
    const response = await this.#options.connections.request(this.#modelsUrl, {
      method: 'GET',
      headers: this.#headers('application/json'),
      signal,
    });
    const body = await readErrorBody(response.body);
    if (response.statusCode !== 200)
      throw describeUpstreamError({
        status: response.statusCode,
        body,
        upstream: this.name,
        model: '(list)',
        contextWindow: 0,
        estimatedInputTokens: 0,
      });
    const data = asFields(body)?.data;
    if (!Array.isArray(data))
      throw new StrelkaError('answer-unreadable', `${this.name} answered /models with something that is no list.`);
    return data.map((entry) => asText(entry) ?? asText(asFields(entry)?.id)).filter((id) => id !== undefined);
  }

  #headers(accept: string): Record<string, string> {
    const key = this.#options.key();
    return {
      'content-type': 'application/json',
      accept,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...this.#extraHeaders,
    };
  }
}

/** @returns the body parsed where it is JSON, else its text; only the first part of a large one is read */
async function readErrorBody(body: AnswerBody): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const batch of body) {
    pieces.push(...batch);
    for (const bytes of batch) size += bytes.length;
    if (size > errorBodyLimit * 64) break;
  }
  const text = Buffer.concat(pieces).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text.slice(0, errorBodyLimit);
  }
}

/** `Retry-After` in seconds or as a date (RFC 9110 10.2.3). */
function readRetryAfter(headers: IncomingHttpHeaders): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds) && seconds >= 0) return Math.min(Math.ceil(seconds), 3600);
  const until = Date.parse(value);
  return Number.isNaN(until) ? undefined : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
