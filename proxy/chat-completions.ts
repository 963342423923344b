import type { RequestTool } from './anthropic/request.ts';
import { type Call, sendJson } from './call.ts';
import { collectAnswer, type StreamForm, streamAnswer } from './delivery.ts';
import { ChunkWriter, formatChunks } from './openai/chunk-writer.ts';
import { foldChunks } from './openai/completion.ts';
import { chatErrorEvent } from './openai/error-envelope.ts';
import { type ChatCompletionsRequest, parseChatCompletionsRequest } from './openai/request.ts';
import type { Question } from './question.ts';
import type { Services } from './services.ts';
import { conversationOf } from './translate/chat-conversation.ts';
import { stopSequencesOf, translateChatRequest } from './translate/chat-request.ts';
import { usesFunctions } from './translate/chat-tools.ts';
import { readDocuments } from './translate/documents.ts';
import { quotableText } from './translate/quotable.ts';
import { estimateTokens } from './translate/token-estimate.ts';
import { ToolStore } from './translate/tool-store.ts';
import { beginsTurn } from './translate/turn.ts';

const toolStore = new ToolStore<RequestTool>();

/**
 * POST /v1/chat/completions, told top to bottom: the same pipeline as Messages (issue 3, point 4).
 * @throws StrelkaError for everything that fails before the first byte of the answer
 */
export async function handleChatCompletions(call: Call, services: Services): Promise<void> {
  const request = parseChatCompletionsRequest(await call.readJson());
  const question = await askedBy(request, call, services);
  const { exchange } = call;
  const writer = new ChunkWriter({
    id: `chatcmpl-${exchange.id.slice(4)}`,
    model: request.model,
    created: Math.floor(exchange.startedAt / 1000),
    includeUsage: !question.streamed || request.stream_options?.include_usage === true,
    functionCalls: usesFunctions(request),
    estimatedInputTokens: question.estimatedInputTokens,
  });
  if (question.streamed) await streamAnswer(call, question, services, chunkForm(writer));
  else sendJson(call, 200, foldChunks(writer.write(await collectAnswer(question, services))));
}

async function askedBy(request: ChatCompletionsRequest, call: Call, services: Services): Promise<Question> {
  const { exchange, signal } = call;
  const { thinking, limits } = services.settings;
  const conversation = conversationOf(request);
  if (conversation.tools) conversation.tools = toolStore.intern(conversation.tools);
  const documents = await readDocuments(conversation, services.pdfs);
  exchange.askedModel = request.model;
  exchange.streamed = request.stream === true;
  exchange.estimatedInputTokens = estimateTokens(conversation);
  return {
    exchange,
    askedModel: request.model,
    streamed: exchange.streamed,
    newTurn: beginsTurn(conversation.messages),
    showThinking: true,
    stopSequences: stopSequencesOf(request),
    signal,
    estimatedInputTokens: exchange.estimatedInputTokens,
    countable: conversation,
    quotable: () => quotableText(conversation),
    prepare: (model, profile, thinkingOff, estimatedInputTokens) =>
      translateChatRequest(request, conversation, {
        model,
        profile,
        documents,
        limits,
        estimatedInputTokens,
        thinkingDisabled: thinking.disabled || thinkingOff,
      }),
  };
}

/** The completion as chunks, each batch in one text. */
function chunkForm(writer: ChunkWriter): StreamForm {
  return {
    ping: ': ping\n\n',
    write: (parts) => {
      const text = formatChunks(writer.write(parts));
      return parts.at(-1)?.type === 'finish' ? `${text}data: [DONE]\n\n` : text;
    },
    fail: chatErrorEvent,
  };
}
