import { errorEvent } from './anthropic/error-envelope.ts';
import type { Message, MessageEvent } from './anthropic/events.ts';
import { foldEvents } from './anthropic/fold.ts';
import { type MessagesRequest, parseMessagesRequest, type RequestTool } from './anthropic/request.ts';
import { formatEvents } from './anthropic/sse-writer.ts';
import { type Call, sendJson } from './call.ts';
import { collectAnswer, type StreamForm, streamAnswer } from './delivery.ts';
import type { Part } from './part.ts';
import type { Question } from './question.ts';
import type { Services } from './services.ts';
import { readDocuments } from './translate/documents.ts';
import { quotableText } from './translate/quotable.ts';
import { translateRequest } from './translate/request.ts';
import { MessageWriter } from './translate/stream.ts';
import { estimateTokens } from './translate/token-estimate.ts';
import { ToolStore } from './translate/tool-store.ts';
import { beginsTurn } from './translate/turn.ts';

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
  if (question.streamed) await streamAnswer(call, question, services, messageForm(writer, call.exchange.id));
  else sendJson(call, 200, wholeMessage(writer, await collectAnswer(question, services)));
}

async function askedBy(request: MessagesRequest, call: Call, services: Services): Promise<Question> {
  const { exchange, signal } = call;
  const { thinking, limits } = services.settings;
  const documents = await readDocuments(request, services.pdfs);
  exchange.askedModel = request.model;
  exchange.streamed = request.stream === true;
  exchange.estimatedInputTokens = estimateTokens(request);
  return {
    exchange,
    askedModel: request.model,
    streamed: exchange.streamed,
    newTurn: beginsTurn(request.messages),
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

/** The message as events, each batch in one text. */
function messageForm(writer: MessageWriter, requestId: string): StreamForm {
  const first = [writer.start()];
  return {
    ping: formatEvents([{ type: 'ping' }]),
    write: (parts) => {
      const events: MessageEvent[] = first.splice(0);
      for (const part of parts) writer.write(part, events);
      return formatEvents(events);
    },
    fail: (error) => formatEvents([errorEvent(error, requestId)]),
  };
}

/** The same events, folded. */
function wholeMessage(writer: MessageWriter, parts: readonly Part[]): Message {
  const events: MessageEvent[] = [writer.start()];
  for (const part of parts) writer.write(part, events);
  return foldEvents(events);
}
