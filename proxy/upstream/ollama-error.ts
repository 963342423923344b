import { StrelkaError } from '../errors.ts';
import { asFields, asText } from '../openai/chunk.ts';
import { isLoopback, transportCodeOf } from './connection.ts';
import { describeUpstreamError, readMessage, type UpstreamErrorFacts } from './upstream-error.ts';

/** Ollama could not load a model: too little memory for it and the context that was asked for. */
const memoryWords = /requires more (?:system )?memory|out of memory|(?:failed|unable) to allocate/i;
const thinkingWords = /does not support thinking/i;
const toolWords = /does not support tools/i;
const missingWords = /model .*not found|try pulling it first/i;
const busyWords = /server busy|maximum pending requests/i;

/** @returns true where a refusal says that the model and its context do not fit into memory */
export function isMemoryRefusal(status: number, body: unknown): boolean {
  return status >= 500 && memoryWords.test(readMessage(body));
}

/** @returns true where a refusal says that the model has no thinking to switch */
export function isThinkingRefusal(status: number, body: unknown): boolean {
  return status === 400 && thinkingWords.test(readMessage(body));
}

/**
 * Turns what Ollama answered in place of an answer into one of our errors, with the command that mends it
 * (protocol.md 5, failures.md E-3 and E-12).
 */
export function describeOllamaError(facts: UpstreamErrorFacts): StrelkaError {
  const { status, model, upstream } = facts;
  const said = readMessage(facts.body);
  const detail = { upstreamStatus: status, retryAfter: facts.retryAfter };
  if (status === 404) {
    // Ollama's own refusal is JSON; anything else came from a server that knows no such path.
    const isOllama = asText(asFields(facts.body)?.error) !== undefined;
    const message = isOllama
      ? `${upstream} does not have the model ${model}. Fetch it with: ${pullCommand(model)}`
      : `What answers at the address of ${upstream} is no Ollama (404). Check OLLAMA_BASE_URL: it is an address like http://127.0.0.1:11434, without /v1.`;
    return new StrelkaError('model-missing', message, detail);
  }
  if (status === 400 && toolWords.test(said))
    return new StrelkaError(
      'model-missing',
      `The model ${model} on ${upstream} can't call tools, which this request needs. Choose one that can in OLLAMA_MODEL, such as qwen3-coder:30b.`,
      detail,
    );
  if (isMemoryRefusal(status, facts.body))
    return new StrelkaError(
      'upstream-failed',
      `The model ${model} does not fit into this computer's memory. Choose a smaller model in OLLAMA_MODEL, or lower standby.maxContext in the settings. It said: ${said}`,
      detail,
    );
  if (status === 401)
    return new StrelkaError(
      'upstream-key-refused',
      `${upstream} refused access to ${model} (401). A model of Ollama's cloud needs: ollama signin`,
      detail,
    );
  if (status === 503)
    return new StrelkaError('overloaded', `${upstream} is busy: its queue is full. Try again shortly.`, detail);
  return describeUpstreamError(facts);
}

/** @returns the HTTP status that an error inside a stream stands for: Ollama names none there */
export function statusOfStreamError(said: string): number {
  if (missingWords.test(said)) return 404;
  return busyWords.test(said) ? 503 : 500;
}

/** @returns the command that fetches a model, for a person to copy */
export function pullCommand(model: string): string {
  return `ollama pull ${model}`;
}

/**
 * Says of a refused connection that Ollama is not running and how to start it.
 * @param thrown by {@link Connections}; every other error stays as it is
 */
export function explainUnreachable(thrown: unknown, address: URL): unknown {
  if (!(thrown instanceof StrelkaError) || thrown.kind !== 'upstream-unreachable') return thrown;
  if (transportCodeOf(thrown.detail.cause) !== 'ECONNREFUSED') return thrown;
  const mend = isLoopback(address.hostname)
    ? 'Start it with: ollama serve'
    : 'Start it there with: OLLAMA_HOST=0.0.0.0 ollama serve, or correct OLLAMA_BASE_URL.';
  return new StrelkaError('upstream-unreachable', `Ollama is not running at ${address.host}. ${mend}`, thrown.detail);
}
