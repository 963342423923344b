import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Call, sendError } from '../../../proxy/call.ts';
import { settingsSchema } from '../../../proxy/contract/settings.ts';
import { toStrelkaError } from '../../../proxy/errors.ts';
import { Exchange } from '../../../proxy/exchange.ts';
import type { Log } from '../../../proxy/log.ts';
import { handleMessages } from '../../../proxy/messages.ts';
import { Runtime } from '../../../proxy/runtime.ts';
import type { Services } from '../../../proxy/services.ts';
import { Deadline } from '../../../proxy/upstream/deadline.ts';
import { readAnswer } from '../../../proxy/upstream/read-answer.ts';
import type { RawAnswer, Upstream, UpstreamCall } from '../../../proxy/upstream/upstream.ts';
import { type Observation, observe } from '../../cases/observe.ts';

/** What an upstream sends: reads of the socket, and how the connection ends. */
export interface Transmission {
  pieces: readonly Buffer[];
  isReset: boolean;
}

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * The whole way of a Messages request without sockets: thousands of answers a second. Everything between the bytes of the
 * upstream and those of the client is the real thing.
 */
export class InProcess {
  readonly #runtime: Runtime;
  readonly #services: Services;
  #transmission: Transmission = { pieces: [], isReset: false };

  private constructor(runtime: Runtime) {
    this.#runtime = runtime;
    const upstream: Upstream = {
      id: 'fake',
      name: 'fake',
      ask: async (call) => this.#transmit(call),
      listModels: async () => [],
    };
    // A class with private fields can't stand behind its own prototype: each member is bound to the real one.
    this.#services = new Proxy(runtime, {
      get: (_target, name) => {
        if (name === 'upstreamOf') return () => upstream;
        const member: unknown = Reflect.get(runtime, name, runtime);
        return typeof member === 'function' ? member.bind(runtime) : member;
      },
    });
  }

  static async start(): Promise<InProcess> {
    const settings = settingsSchema.parse({
      retries: { max: 0 },
      // Nothing listens there; a model list that is asked for is not to be had, and nothing waits for it.
      upstreams: [{ id: 'fake', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:9/v1' }],
    });
    return new InProcess(await Runtime.start(settings, { clientKey: '', upstreamKeys: {} }, silent, false));
  }

  /** @returns what the client sees */
  async ask(request: Record<string, unknown>, transmission: Transmission): Promise<Observation> {
    this.#transmission = transmission;
    const exchange = new Exchange({ door: 'messages', client: 'test', session: null });
    const captured = new CapturedResponse();
    const response = captured as unknown as ServerResponse;
    const call: Call = {
      request: {} as IncomingMessage,
      response,
      url: new URL('http://localhost/v1/messages'),
      exchange,
      signal: new AbortController().signal,
      readJson: async () => request,
    };
    try {
      await handleMessages(call, this.#services);
    } catch (thrown) {
      sendError(response, toStrelkaError(thrown), exchange.id, 'messages');
    }
    const seen = observe(captured.statusCode, captured.contentType, captured.body, request.stream === true);
    if (!captured.isEnded) seen.violations.push('the answer was never ended');
    return seen;
  }

  async close(): Promise<void> {
    await this.#runtime.close();
  }

  #transmit(call: UpstreamCall): RawAnswer {
    const { pieces, isReset } = this.#transmission;
    async function* body(): AsyncGenerator<readonly Uint8Array[], undefined> {
      for (const piece of pieces) yield [piece];
      if (isReset) throw Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
    }
    const deadline = new Deadline(call.signal);
    deadline.expect(call.timeouts.firstByteMs, 'the first word of the answer');
    return readAnswer(body(), deadline, call, 'fake.test');
  }
}

/** The part of ServerResponse that an answer uses. */
class CapturedResponse extends EventEmitter {
  statusCode = 0;
  contentType = '';
  body = '';
  headersSent = false;
  isEnded = false;
  readonly destroyed = false;
  readonly writableNeedDrain = false;
  readonly req = { method: 'POST' };

  writeHead(status: number, headers: Record<string, string>): this {
    if (this.headersSent) throw new Error('a second head');
    this.headersSent = true;
    this.statusCode = status;
    this.contentType = headers['content-type'] ?? '';
    return this;
  }

  setHeaders(headers: ReadonlyMap<string, string>): this {
    if (this.headersSent) throw new Error('headers behind the head');
    this.contentType = headers.get('content-type') ?? '';
    return this;
  }

  write(text: string): boolean {
    this.headersSent = true;
    if (this.isEnded) throw new Error('a write behind the end');
    this.body += text;
    return true;
  }

  end(text = ''): void {
    this.write(text);
    this.isEnded = true;
  }
}
