import { StrelkaError } from '../errors.ts';
import { serializeChat } from '../openai/chat-body.ts';
import { asFields, asText } from '../openai/chunk.ts';
import type { HttpAnswer } from './answer-handler.ts';
import { type Connections, describeTransportError } from './connection.ts';
import { Deadline } from './deadline.ts';
import type { KeyRing } from './keys.ts';
import type { TurnWish } from './rate-limit.ts';
import { readAnswer } from './read-answer.ts';
import { readBody, readRetryAfter } from './read-body.ts';
import { RefusedFields } from './refused-fields.ts';
import type { CallFacts, RawAnswer, Upstream, UpstreamCall } from './upstream.ts';
import { describeUpstreamError } from './upstream-error.ts';

export interface OpenAiCompatibleOptions {
  id: string;
  name: string;
  /** With the version: https://foundation-models.api.cloud.ru/v1 */
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  keys: KeyRing;
  connections: Connections;
}

/** A list of models is not worth a longer wait; the old one serves. */
const listPatienceMs = 10_000;

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
    const waitMs = call.streamed ? call.timeouts.firstByteMs : call.timeouts.totalMs;
    const queue = call.queue ?? { background: false, maxWaitMs: call.timeouts.firstByteMs };
    try {
      for (;;) {
        const chat = this.#refused.without(call.chat);
        const reply = await this.#send({
          url: this.#chatUrl,
          method: 'POST',
          accept: call.streamed ? 'text/event-stream' : 'application/json',
          body: serializeChat(chat, call.streamed),
          wish: { ...queue, signal: deadline.signal },
          // The wait for a turn is not the upstream's time.
          onTurn: () => deadline.expect(waitMs, call.streamed ? 'the first word of the answer' : 'the answer'),
          facts: { model: call.chat.model, ...call.facts },
        });
        if (reply.error === undefined) return readAnswer(reply.response.body, deadline, call, this.#chatUrl.host);
        // Each round leaves out at least one field more, so this ends.
        if (!this.#refused.learn(chat, reply.response.statusCode, reply.body)) throw reply.error;
      }
    } catch (cause) {
      deadline.close();
      throw describeTransportError(cause, this.#chatUrl.host, deadline.signal);
    }
  }

  async listModels(signal: AbortSignal): Promise<string[]> {
    const reply = await this.#send({
      url: this.#modelsUrl,
      method: 'GET',
      accept: 'application/json',
      wish: { background: true, maxWaitMs: listPatienceMs, signal },
      facts: { model: '(list)', contextWindow: 0, estimatedInputTokens: 0 },
    });
    if (reply.error !== undefined) throw reply.error;
    const data = asFields(await readBody(reply.response.body))?.data;
    if (!Array.isArray(data))
      throw new StrelkaError('answer-unreadable', `${this.name} answered /models with something that is no list.`);
    return data.map((entry) => asText(entry) ?? asText(asFields(entry)?.id)).filter((id) => id !== undefined);
  }

  /** Sends in turn, and at once again with another key where the key is what was refused. */
  async #send(sending: Sending): Promise<Reply> {
    const { keys, connections } = this.#options;
    for (let refusals = 0; ; ) {
      const turn = await keys.take({ ...sending.wish, again: refusals > 0 });
      sending.onTurn?.();
      const response = await connections.request(sending.url, {
        method: sending.method,
        headers: this.#headers(sending.accept, turn.secret),
        body: sending.body,
        signal: sending.wish.signal,
        onSent: turn.sent,
      });
      if (response.statusCode === 200) {
        turn.accepted();
        return { response };
      }
      const body = await readBody(response.body);
      const error = describeUpstreamError({
        status: response.statusCode,
        body,
        upstream: this.name,
        retryAfter: readRetryAfter(response.headers),
        ...sending.facts,
      });
      const lasting = turn.refused(error);
      refusals += 1;
      if (lasting || refusals >= keys.size) return { response, body, error: lasting ?? error };
    }
  }

  #headers(accept: string, key: string | undefined): Record<string, string> {
    return {
      'content-type': 'application/json',
      accept,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...this.#extraHeaders,
    };
  }
}

interface Sending {
  url: URL;
  method: 'GET' | 'POST';
  accept: string;
  body?: string | Buffer;
  wish: TurnWish;
  onTurn?: () => void;
  facts: CallFacts & { model: string };
}

/** The answer, or what came in its place with what it means. */
type Reply = { response: HttpAnswer; error?: undefined } | { response: HttpAnswer; body: unknown; error: StrelkaError };
