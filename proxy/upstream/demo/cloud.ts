import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { modelsListedBy } from '../../profile/catalogue.ts';
import { type DemoAnswer, makeAnswer } from './answer.ts';
import { type ChatQuestion, readChatQuestion } from './chat-question.ts';
import { breakCompletion, sendCompletion } from './completion.ts';
import { type DemoHandler, type DemoRequest, sendJson } from './demo-server.ts';
import { type DemoFault, faultInText } from './fault.ts';
import { type DemoToolCall, planToolCall } from './tool-call.ts';

const listedSince = Date.UTC(2026, 8, 28) / 1000;

/**
 * Answers as cloud.ru does (protocol.md 4): its list of models and chat completions. No key is asked for. Error bodies
 * are vLLM's, because cloud.ru's own are not published.
 * @param fault what goes wrong now; a phrase like `[fault: html]` in the user's last words comes before it
 */
export function makeCloudHandler(fault: () => DemoFault): DemoHandler {
  return async (request, response) => {
    if (request.path === '/v1/models' && request.method === 'GET') return sendModels(response);
    if (request.path === '/v1/chat/completions' && request.method === 'POST') return chat(request, response, fault());
    sendJson(response, 404, { detail: 'Not Found' });
  };
}

function sendModels(response: ServerResponse): void {
  const data = modelsListedBy('cloudru').map(({ id }) => ({
    id,
    object: 'model',
    created: listedSince,
    owned_by: id.split('/')[0],
  }));
  sendJson(response, 200, { object: 'list', data });
}

async function chat({ body, signal }: DemoRequest, response: ServerResponse, setting: DemoFault): Promise<void> {
  const question = readChatQuestion(body);
  if (typeof question === 'string') return sendError(response, 400, 'BadRequestError', question);
  // A phrase is the user's word for this turn: once a tool has answered, the turn goes on without it.
  const said = question.toolResult === undefined ? faultInText(question.userText) : undefined;
  const fault = said ?? setting;
  // Any model is played, listed or not: a mapping made for the real cloud.ru has to work here too.
  if (fault === 'not-found')
    return sendError(response, 404, 'NotFoundError', `The model \`${question.model}\` does not exist.`, 'model');
  const answer = makeAnswer(question, 'cloud.ru');
  switch (fault) {
    case 'rate-limit':
      return sendError(response, 429, 'RateLimitError', '[demo] Too many requests.', null, { 'retry-after': '1' });
    case 'server-error':
      return sendError(response, 500, 'InternalServerError', '[demo] Simulated server error.');
    case 'html':
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n');
      return;
    case 'hang':
      if (!signal.aborted) await once(signal, 'abort');
      return;
    case 'empty':
      return sendCompletion(question, emptied(answer), response, signal);
    case 'cut':
      return breakCompletion(question, answer, response, signal);
    case 'text-tool-call':
      return sendCompletion(question, asText(question, answer), response, signal);
    default:
      return sendCompletion(question, answer, response, signal);
  }
}

function sendError(
  response: ServerResponse,
  code: number,
  type: string,
  message: string,
  param: string | null = null,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, code, { error: { message, type, param, code } }, headers);
}

function emptied(answer: DemoAnswer): DemoAnswer {
  return { ...answer, reasoning: '', text: '', toolCalls: [], finish: 'stop' };
}

/** The call is written into the text, as GLM does where the server doesn't recognise it (failures.md 2). */
function asText(question: ChatQuestion, answer: DemoAnswer): DemoAnswer {
  // The fault is there to be seen: any declared tool will do where the user asked for none.
  const call = answer.toolCalls[0] ?? anyCall(question);
  if (call === undefined) return answer;
  const pairs = Object.entries(call.arguments ?? {}).map(
    ([key, value]) =>
      `<arg_key>${key}</arg_key><arg_value>${typeof value === 'string' ? value : JSON.stringify(value)}</arg_value>`,
  );
  return { ...answer, text: `<tool_call>${call.name}${pairs.join('')}</tool_call>`, toolCalls: [], finish: 'stop' };
}

function anyCall(question: ChatQuestion): DemoToolCall | undefined {
  return question.toolResult === undefined && question.toolChoice !== 'none'
    ? planToolCall({ ...question, toolChoice: 'required' })
    : undefined;
}
