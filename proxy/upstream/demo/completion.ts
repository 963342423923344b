import { randomBytes, randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { DemoAnswer } from './answer.ts';
import type { ChatQuestion } from './chat-question.ts';
import { sendJson } from './demo-server.ts';
import { tellSlowly } from './pace.ts';

/** Answers as vLLM does: one object, or chunks as server-sent events (protocol.md 3). */
export async function sendCompletion(
  question: ChatQuestion,
  answer: DemoAnswer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const head = headOf(question.model);
  if (!question.stream) {
    const message = {
      role: 'assistant',
      content: answer.text === '' ? null : answer.text,
      ...(answer.reasoning === '' ? {} : { reasoning_content: answer.reasoning }),
      ...(answer.toolCalls.length === 0 ? {} : { tool_calls: callsOf(answer) }),
    };
    const choices = [{ index: 0, message, finish_reason: answer.finish }];
    sendJson(response, 200, { ...head, object: 'chat.completion', choices, usage: usageOf(question, answer) });
    return;
  }
  const sendDelta = startStream(head, response);
  await tellSlowly(answer.reasoning, (word) => sendDelta({ reasoning_content: word }), signal);
  await tellSlowly(answer.text, (word) => sendDelta({ content: word }), signal);
  for (const [index, { id, type, function: called }] of callsOf(answer).entries()) {
    sendDelta({ tool_calls: [{ index, id, type, function: { name: called.name, arguments: '' } }] });
    const tellArguments = (piece: string) => sendDelta({ tool_calls: [{ index, function: { arguments: piece } }] });
    await tellSlowly(called.arguments, tellArguments, signal);
  }
  sendDelta({}, answer.finish);
  if (question.includeUsage) sendEvent(response, { ...head, ...chunk, choices: [], usage: usageOf(question, answer) });
  response.end('data: [DONE]\n\n');
}

/** Begins an answer and lets the connection fall before its end. */
export async function breakCompletion(
  question: ChatQuestion,
  answer: DemoAnswer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const head = headOf(question.model);
  const text = answer.text === '' ? '[demo] This answer breaks off' : answer.text;
  const half = text.slice(0, Math.ceil(text.length / 2));
  if (question.stream) {
    const sendDelta = startStream(head, response);
    await tellSlowly(half, (word) => sendDelta({ content: word }), signal);
  } else {
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
    response.write(JSON.stringify({ ...head, object: 'chat.completion', choices: [] }).slice(0, -20));
  }
  // What was written leaves first: the client has to see a beginning.
  await tellSlowly('.', () => response.destroy(), signal);
}

const chunk = { object: 'chat.completion.chunk' };

interface Head {
  id: string;
  created: number;
  model: string;
}

function headOf(model: string): Head {
  return { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
}

type SendDelta = (delta: object, finish?: DemoAnswer['finish']) => void;

function startStream(head: Head, response: ServerResponse): SendDelta {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const sendDelta: SendDelta = (delta, finish) =>
    sendEvent(response, { ...head, ...chunk, choices: [{ index: 0, delta, finish_reason: finish ?? null }] });
  sendDelta({ role: 'assistant', content: '' });
  return sendDelta;
}

function sendEvent(response: ServerResponse, value: unknown): void {
  response.write(`data: ${JSON.stringify(value)}\n\n`);
}

function callsOf(answer: DemoAnswer) {
  return answer.toolCalls.map(({ name, arguments: value }) => ({
    id: `chatcmpl-tool-${randomBytes(16).toString('hex')}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(value) },
  }));
}

function usageOf({ promptTokens }: ChatQuestion, { outputTokens, reasoningTokens }: DemoAnswer) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: outputTokens,
    total_tokens: promptTokens + outputTokens,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}
