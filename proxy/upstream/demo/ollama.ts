import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { type DemoAnswer, makeAnswer } from './answer.ts';
import { type DemoHandler, type DemoRequest, sendJson } from './demo-server.ts';
import { describeLoaded, describeModel, findLocalModel, listForOpenai, listTags } from './ollama-models.ts';
import { type OllamaQuestion, readOllamaQuestion } from './ollama-question.ts';
import { tellSlowly } from './pace.ts';

const version = '0.33.0';
const keepAliveMs = 5 * 60_000;

/** Models in memory, and until when. */
type Loaded = Map<string, { contextLength: number; expiresAt: Date }>;

/** Answers as a healthy Ollama does (protocol.md 5): what the gateway turns to when the simulated cloud.ru fails. */
export function makeOllamaHandler(): DemoHandler {
  const loaded: Loaded = new Map();
  return async (request, response) => {
    switch (`${request.method === 'HEAD' ? 'GET' : request.method} ${request.path}`) {
      case 'GET /':
        response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
        response.end('Ollama is running');
        return;
      case 'GET /api/version':
        return sendJson(response, 200, { version });
      case 'GET /api/tags':
        return sendJson(response, 200, { models: listTags() });
      case 'GET /api/ps':
        return sendJson(response, 200, { models: listLoaded(loaded) });
      case 'GET /v1/models':
        return sendJson(response, 200, { object: 'list', data: listForOpenai() });
      case 'POST /api/show':
        return show(request, response);
      case 'POST /api/chat':
        return chat(request, response, loaded);
      default:
        response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' });
        response.end('404 page not found');
    }
  };
}

function listLoaded(loaded: Loaded): object[] {
  return [...loaded].flatMap(([name, { contextLength, expiresAt }]) => {
    const local = findLocalModel(name);
    return local && expiresAt.getTime() > Date.now() ? [describeLoaded(local, contextLength, expiresAt)] : [];
  });
}

const showSchema = z.looseObject({ model: z.string().optional(), name: z.string().optional() });

function show({ body }: DemoRequest, response: ServerResponse): void {
  const read = showSchema.safeParse(body);
  const name = read.success ? (read.data.model ?? read.data.name ?? '') : '';
  const local = findLocalModel(name);
  if (local) sendJson(response, 200, describeModel(local));
  else sendMissing(response, name);
}

async function chat({ body, signal }: DemoRequest, response: ServerResponse, loaded: Loaded): Promise<void> {
  const question = readOllamaQuestion(body, (model) => findLocalModel(model)?.thinks ?? false);
  if (typeof question === 'string') return sendJson(response, 400, { error: question });
  const local = findLocalModel(question.model);
  if (local === undefined) return sendMissing(response, question.model);
  if (!question.truncate && question.promptTokens > question.contextLength)
    return sendJson(response, 400, {
      error:
        'the prompt is longer than the context length currently available to the model; ' +
        'shorten the prompt or increase the context length',
    });
  if (question.unload) loaded.delete(local.name);
  else {
    const expiresAt = new Date(Date.now() + keepAliveMs);
    loaded.set(local.name, { contextLength: question.contextLength, expiresAt });
  }
  if (question.loadOnly) {
    const reason = question.unload ? 'unload' : 'load';
    return sendJson(response, 200, { ...lineOf(question, ''), done: true, done_reason: reason });
  }
  await sendAnswer(question, makeAnswer(question, 'Ollama'), response, signal);
}

function sendMissing(response: ServerResponse, name: string): void {
  sendJson(response, 404, { error: `model '${name}' not found` });
}

/** As lines of JSON, or as one object. */
async function sendAnswer(
  question: OllamaQuestion,
  answer: DemoAnswer,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const calls = answer.toolCalls.map((call) => ({ function: call }));
  const end = {
    done: true,
    done_reason: answer.finish === 'length' ? 'length' : 'stop',
    total_duration: 1_000_000,
    load_duration: 100_000,
    prompt_eval_count: question.promptTokens,
    prompt_eval_duration: 400_000,
    eval_count: answer.outputTokens,
    eval_duration: 500_000,
  };
  if (!question.stream) {
    const thinking = answer.reasoning === '' ? {} : { thinking: answer.reasoning };
    const whole = lineOf(question, answer.text, { ...thinking, ...(calls.length > 0 ? { tool_calls: calls } : {}) });
    return sendJson(response, 200, { ...whole, ...end });
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const sendLine = (line: object) => response.write(`${JSON.stringify(line)}\n`);
  await tellSlowly(
    answer.reasoning,
    (thinking) => sendLine({ ...lineOf(question, '', { thinking }), done: false }),
    signal,
  );
  await tellSlowly(answer.text, (word) => sendLine({ ...lineOf(question, word), done: false }), signal);
  if (calls.length > 0) sendLine({ ...lineOf(question, '', { tool_calls: calls }), done: false });
  sendLine({ ...lineOf(question, ''), ...end });
  response.end();
}

function lineOf({ model }: OllamaQuestion, content: string, more: object = {}) {
  return { model, created_at: new Date().toISOString(), message: { role: 'assistant', content, ...more } };
}
