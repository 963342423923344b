import { StrelkaError } from '../errors.ts';
import { asCount, asFields, asText, type Fields } from '../openai/chunk.ts';
import type { HttpAnswer } from './answer-handler.ts';
import type { Connections } from './connection.ts';
import { describeOllamaError, explainUnreachable } from './ollama-error.ts';
import { readBody, readRetryAfter } from './read-body.ts';
import type { CallFacts } from './upstream.ts';

export interface OllamaClientOptions {
  /** For a person: "Ollama". */
  name: string;
  /** http://127.0.0.1:11434; `/v1` or `/api` at the end, which other programs want, is left out. */
  baseUrl: string;
  headers: Readonly<Record<string, string>>;
  connections: Connections;
}

/** What Ollama says about a model that it has (POST /api/show). */
export interface ShownModel {
  /** "gptoss", "qwen3moe". */
  family: string;
  /** Tokens that the model was made for; undefined where Ollama does not tell. */
  contextLength: number | undefined;
  /** completion, tools, vision, thinking; undefined where Ollama is too old to tell. */
  capabilities: ReadonlySet<string> | undefined;
}

/** A model in memory (GET /api/ps). */
export interface RunningModel {
  name: string;
  /** Tokens that it was loaded for; undefined where Ollama is too old to tell. */
  contextLength: number | undefined;
}

const noFacts: CallFacts = { contextWindow: 0, estimatedInputTokens: 0 };

/** Ollama's native API (protocol.md 5), one method an endpoint. Every refusal is thrown as a StrelkaError. */
export class OllamaClient {
  readonly name: string;
  readonly address: URL;
  readonly #options: OllamaClientOptions;
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(options: OllamaClientOptions) {
    this.#options = options;
    this.name = options.name;
    this.#base = options.baseUrl.replace(/\/+$/, '').replace(/\/(?:v1|api)$/, '');
    this.address = new URL(this.#base);
    const extra = Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]);
    this.#headers = { 'content-type': 'application/json', ...Object.fromEntries(extra) };
  }

  /** @returns "0.33.0" */
  async version(signal: AbortSignal): Promise<string> {
    const version = asText((await this.#ask('/api/version', undefined, '(version)', signal)).version);
    if (version === undefined) throw this.#unreadable('/api/version');
    return version;
  }

  /** @returns the names of the models that are there, with their tags */
  async tags(signal: AbortSignal): Promise<string[]> {
    return this.#readModels('/api/tags', signal).then((models) => models.map(nameOf).filter((name) => name !== ''));
  }

  /** @returns the models that are in memory now */
  async running(signal: AbortSignal): Promise<RunningModel[]> {
    const models = await this.#readModels('/api/ps', signal, true);
    return models.map((model) => ({ name: nameOf(model), contextLength: asCount(model.context_length) || undefined }));
  }

  /** @throws StrelkaError 'model-missing' with the command that fetches it */
  async show(model: string, signal: AbortSignal): Promise<ShownModel> {
    const shown = await this.#ask('/api/show', { model }, model, signal, true);
    const info = asFields(shown.model_info) ?? {};
    const architecture = asText(info['general.architecture']) ?? '';
    const key = Object.keys(info).find((name) => name.endsWith('.context_length')) ?? '';
    return {
      family: asText(asFields(shown.details)?.family) ?? architecture,
      contextLength: asCount(info[`${architecture}.context_length`]) || asCount(info[key]) || undefined,
      capabilities: Array.isArray(shown.capabilities) ? new Set(shown.capabilities.map(String)) : undefined,
    };
  }

  /** @returns the answer to a chat once its head is there, whatever its status */
  chat(body: string, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#request('POST', '/api/chat', body, signal);
  }

  /** @returns our error for an answer whose status is no success; reads its body */
  async describe(response: HttpAnswer, model: string, facts: CallFacts, body?: unknown): Promise<StrelkaError> {
    return describeOllamaError({
      status: response.statusCode,
      body: body ?? (await readBody(response.body)),
      upstream: this.name,
      model,
      retryAfter: readRetryAfter(response.headers),
      ...facts,
    });
  }

  async #readModels(path: string, signal: AbortSignal, isOptional = false): Promise<Fields[]> {
    const { models } = await this.#ask(path, undefined, '(list)', signal, isOptional);
    // Without any model, Go writes its empty list as null.
    if (models === null || (isOptional && models === undefined)) return [];
    if (!Array.isArray(models)) throw this.#unreadable(path);
    return models.map(asFields).filter((model) => model !== undefined);
  }

  /** @param isOptional the endpoint came late to Ollama, and servers that speak like it may lack it: {} then */
  async #ask(
    path: string,
    body: object | undefined,
    model: string,
    signal: AbortSignal,
    isOptional = false,
  ): Promise<Fields> {
    const method = body === undefined ? 'GET' : 'POST';
    const response = await this.#request(method, path, body && JSON.stringify(body), signal);
    const answer = await readBody(response.body);
    if (isOptional && response.statusCode === 404 && !/model/i.test(JSON.stringify(answer))) return {};
    if (response.statusCode !== 200) throw await this.describe(response, model, noFacts, answer);
    const fields = asFields(answer);
    if (fields === undefined) throw this.#unreadable(path);
    return fields;
  }

  async #request(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const url = new URL(this.#base + path);
    const request = { method, headers: { ...this.#headers }, signal, ...(body !== undefined && { body }) };
    try {
      return await this.#options.connections.request(url, request);
    } catch (cause) {
      throw explainUnreachable(cause, this.address);
    }
  }

  #unreadable(path: string): StrelkaError {
    return new StrelkaError(
      'answer-unreadable',
      `What answers at ${this.address.host}${path} is no Ollama. Check OLLAMA_BASE_URL: it is an address like http://127.0.0.1:11434.`,
    );
  }
}

function nameOf(model: Fields): string {
  return asText(model.name) ?? asText(model.model) ?? '';
}
