import { produceAnswer, type Question } from './answer.ts';
import { errorEvent } from './anthropic/error-envelope.ts';
import type { MessageEvent } from './anthropic/events.ts';
import { foldEvents } from './anthropic/fold.ts';
import { type MessagesRequest, parseMessagesRequest, type RequestTool } from './anthropic/request.ts';
import { formatEvents } from './anthropic/sse-writer.ts';
import { type Call, sendJson } from './call.ts';
import { toStrelkaError } from './errors.ts';
import { EventStream } from './event-stream.ts';
import type { Part } from './part.ts';
import type { Services } from './services.ts';
import { readDocuments } from './translate/documents.ts';
import { quotableText } from './translate/quotable.ts';
import { translateRequest } from './translate/request.ts';
import { MessageWriter } from './translate/stream.ts';
import { estimateTokens } from './translate/token-estimate.ts';
import { ToolStore } from './translate/tool-store.ts';
import { Deadline } from './upstream/deadline.ts';

const toolStore = new ToolStore<RequestTool>();

/**
 * POST /v1/messages, told top to bottom (design.md, "One POST /v1/messages").
 * @throws StrelkaError for everything that fails before the first byte of the answer
 */
export async function handleMessages(call: Call, services: Services): Promise<void> {
  const request = parseMessagesRequest(await call.readJson());
  if (request.tools) request.tools = toolStore.intern(request.tools);
  const question = await askedBy(request, call, services);
  const writer = new MessageWriter({
    id: `msg_${call.exchange.id.slice(4)}`,
    model: request.model,
    showThinking: question.showThinking,
    estimatedInputTokens: question.estimatedInputTokens,
  });
  if (question.streamed) await streamMessage(call, writer, produceAnswer(question, services));
  else await sendMessage(call, writer, question, services);
}

async function askedBy(request: MessagesRequest, call: Call, services: Services): Promise<Question> {
  const { exchange, signal } = call;
  const { thinking, limits } = services.settings;
  const documents = await readDocuments(request);
  exchange.askedModel = request.model;
  exchange.streamed = request.stream === true;
  exchange.estimatedInputTokens = estimateTokens(request);
  return {
    exchange,
    askedModel: request.model,
    streamed: exchange.streamed,
    showThinking: request.thinking?.type === 'enabled' || request.thinking?.type === 'adaptive',
    stopSequences: request.stop_sequences ?? [],
    signal,
    estimatedInputTokens: exchange.estimatedInputTokens,
    countable: request,
    quotable: () => quotableText(request),
    prepare: (model, profile, thinkingOff, estimatedInputTokens) =>
      translateRequest(request, {
        model,
        profile,
        documents,
        limits,
        estimatedInputTokens,
        thinkingDisabled: thinking.disabled || thinkingOff,
      }),
  };
}

async function streamMessage(call: Call, writer: MessageWriter, answer: AsyncGenerator<Part[], void>): Promise<void> {
  // Nothing leaves before this: a status line can't be taken back (protocol.md 1.9, rule 5).
  let batch = await answer.next();
  const stream = new EventStream(call, formatEvents([{ type: 'ping' }]));
  call.exchange.committedAt = Date.now();
  let events: MessageEvent[] = [writer.start()];
  try {
    for (; !batch.done; batch = await answer.next()) {
      for (const part of batch.value) writer.write(part, events);
      const text = formatEvents(events);
      const ended = events.at(-1)?.type === 'message_stop';
      events = [];
      if (ended) stream.end(text);
      else await stream.write(text);
    }
  } catch (thrown) {
    const error = toStrelkaError(thrown);
    if (error.kind !== 'client-left') stream.end(formatEvents([...events, errorEvent(error, call.exchange.id)]));
    throw error;
  } finally {
    stream.close();
    await answer.return();
  }
}

async function sendMessage(call: Call, writer: MessageWriter, question: Question, services: Services): Promise<void> {
  const deadline = new Deadline(call.signal);
  deadline.expect(services.settings.timeouts.totalMs, 'the whole answer');
  try {
    const events: MessageEvent[] = [writer.start()];
    for await (const batch of produceAnswer({ ...question, signal: deadline.signal }, services))
      for (const part of batch) writer.write(part, events);
    sendJson(call, 200, foldEvents(events));
  } finally {
    deadline.close();
  }
}
