import { type Connections, describeTransportError } from './connection.ts';
import { Deadline } from './deadline.ts';
import { OllamaReader } from './ollama-answer.ts';
import { OllamaClient } from './ollama-client.ts';
import { chooseContext, contextFor } from './ollama-context.ts';
import { type LocalModel, loadStallMs, OllamaModels } from './ollama-models.ts';
import { answerLimitOf, writeOllamaRequest } from './ollama-request.ts';
import { readAnswer } from './read-answer.ts';
import { readBody } from './read-body.ts';
import type { CallTimeouts, RawAnswer, Upstream, UpstreamCall } from './upstream.ts';

export interface OllamaOptions {
  id: string;
  name: string;
  /** http://127.0.0.1:11434 */
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  connections: Connections;
  /** How long a model stays in memory behind its last request: "30m". */
  keepAlive: string;
  /** The most that a model is loaded for, in tokens; null leaves it to the model. */
  maxContext: number | null;
}

/** Descriptions come from memory: an Ollama that takes longer is not well. */
const describeMs = 10_000;
/** A local model reads its prompt at some hundred tokens a second, and says nothing meanwhile. */
const readingMsPerToken = 5;
/** Ollama holds a tool call back until it is whole: a long file is minutes of silence. */
const callPatience = 3;

/**
 * Ollama by its native API (protocol.md 5): its OpenAI door takes no context length and no time to stay loaded, and
 * swallows errors behind the first byte (failures.md E-10).
 */
export class Ollama implements Upstream {
  readonly id: string;
  readonly name: string;
  readonly continuation = 'trailing-assistant';
  readonly client: OllamaClient;
  readonly models: OllamaModels;
  readonly keepAlive: string;
  readonly #maxContext: number;

  constructor(options: OllamaOptions) {
    this.id = options.id;
    this.name = options.name;
    this.keepAlive = options.keepAlive;
    this.#maxContext = options.maxContext ?? Infinity;
    this.client = new OllamaClient(options);
    this.models = new OllamaModels(this.client);
  }

  async ask(call: UpstreamCall): Promise<RawAnswer> {
    const { chat, facts } = call;
    const { estimatedInputTokens } = facts;
    const { host } = this.client.address;
    const deadline = new Deadline(call.signal);
    try {
      for (;;) {
        deadline.expect(describeMs, 'the description of its model');
        const model = await this.models.look(chat.model, deadline.signal);
        const limit = this.contextLimitOf(model, facts.contextWindow);
        const need = { estimatedInputTokens, answerTokens: answerLimitOf(chat) };
        const contextLength = chooseContext(need, { limit, inUse: model.contextInUse });
        const patience = patienceFor(call, isWarm(model, contextLength));
        const body = writeOllamaRequest(chat, {
          model,
          streamed: call.streamed,
          contextLength,
          estimatedInputTokens,
          keepAlive: this.keepAlive,
        });
        this.models.noteAsked(chat.model, contextLength);
        deadline.expect(
          call.streamed ? patience.firstByteMs : patience.totalMs,
          call.streamed ? 'the first word of the answer' : 'the answer',
        );
        const response = await this.client.chat(JSON.stringify(body), deadline.signal);
        if (response.statusCode === 200)
          return readAnswer(
            response.body,
            deadline,
            { signal: call.signal, timeouts: patience },
            host,
            new OllamaReader(),
          );
        const refusal = { status: response.statusCode, body: await readBody(response.body) };
        // Each round leaves something out or halves the context, so this ends.
        if (this.models.learn(chat.model, refusal, { contextLength, estimatedInputTokens })) continue;
        const told = { contextWindow: contextLength, estimatedInputTokens };
        throw await this.client.describe(response, chat.model, told, refusal.body);
      }
    } catch (cause) {
      deadline.close();
      throw describeTransportError(cause, host, deadline.signal);
    }
  }

  /**
   * Brings a model into memory by a chat without messages (protocol.md 5); does nothing where it is there already.
   * @param neededTokens of prompt and answer that it shall be ready for
   * @returns once it is loaded, which may take minutes
   * @throws StrelkaError where Ollama refuses, or the signal's reason
   */
  async load(name: string, neededTokens: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const model = await this.models.look(name, signal, true);
      const limit = this.contextLimitOf(model, neededTokens);
      const contextLength = contextFor(neededTokens, { limit, inUse: model.contextInUse });
      if (isWarm(model, contextLength)) return;
      this.models.noteAsked(name, contextLength);
      const body = {
        model: name,
        messages: [],
        stream: false,
        keep_alive: this.keepAlive,
        options: { num_ctx: contextLength },
      };
      const response = await this.client.chat(JSON.stringify(body), signal);
      const answer = await readBody(response.body);
      if (response.statusCode === 200) return;
      const refusal = { status: response.statusCode, body: answer };
      if (this.models.learn(name, refusal, { contextLength, estimatedInputTokens: 0 })) continue;
      throw await this.client.describe(
        response,
        name,
        { contextWindow: contextLength, estimatedInputTokens: 0 },
        answer,
      );
    }
  }

  listModels(signal: AbortSignal): Promise<string[]> {
    return this.client.tags(signal);
  }

  /**
   * @param otherwise for an Ollama that doesn't tell what the model was made for
   * @returns the largest context, in tokens, that the model, the settings and the memory allow
   */
  contextLimitOf(model: LocalModel, otherwise: number): number {
    return Math.min(model.contextLength ?? otherwise, this.#maxContext, model.contextThatFits);
  }
}

/** @returns true where the model answers without being loaded first: it is in memory, with enough context */
export function isWarm({ running }: LocalModel, contextLength: number): boolean {
  return running !== undefined && (running.contextLength ?? contextLength) >= contextLength;
}

/** The settings' times are meant for a server that is ready; a model that has to be loaded gets the time for it. */
function patienceFor({ chat, facts, timeouts }: UpstreamCall, warm: boolean): CallTimeouts {
  const readingMs = facts.estimatedInputTokens * readingMsPerToken;
  const firstByteMs = timeouts.firstByteMs + readingMs;
  return {
    firstByteMs: warm ? firstByteMs : Math.max(firstByteMs, loadStallMs + readingMs),
    idleMs: timeouts.idleMs * (chat.tools?.length ? callPatience : 1),
    totalMs: timeouts.totalMs,
  };
}
