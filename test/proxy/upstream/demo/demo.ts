import type { TestContext } from 'node:test';
import type { Log } from '../../../../proxy/log.ts';
import type { DemoFault } from '../../../../proxy/upstream/demo/fault.ts';
import { startDemo } from '../../../../proxy/upstream/demo/start.ts';

export const readTool = tool('Read', { file_path: { type: 'string' }, limit: { type: 'integer' } }, ['file_path']);
export const runTool = tool('Bash', { command: { type: 'string' } }, ['command']);

export function tool(name: string, properties: object = {}, required: string[] = []) {
  return { type: 'function', function: { name, parameters: { type: 'object', properties, required } } };
}

/** Starts both simulated servers for one test; `fault` may be changed while they run. */
export async function openDemo(t: TestContext) {
  const state: { fault: DemoFault } = { fault: 'none' };
  const lines: string[] = [];
  let tell: () => void = () => {};
  const write = (message: string) => {
    lines.push(message);
    tell();
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const demo = await startDemo({ fault: () => state.fault, log });
  t.after(() => demo.close());
  const post = (url: string, body: unknown, signal?: AbortSignal) =>
    fetch(url, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal: signal ?? null,
    });
  return {
    state,
    lines,
    demo,
    /** Resolves when the log has a line with the words. */
    logged: (words: string) =>
      new Promise<void>((resolve) => {
        tell = () => {
          if (lines.some((line) => line.includes(words))) resolve();
        };
        tell();
      }),
    get: (url: string) => fetch(url),
    chat: (body: object, signal?: AbortSignal) =>
      post(`${demo.cloudUrl}/chat/completions`, { model: 'zai-org/GLM-4.7', ...body }, signal),
    chatText: (body: string) => post(`${demo.cloudUrl}/chat/completions`, body),
    ollama: (path: string, body: unknown, signal?: AbortSignal) => post(`${demo.ollamaUrl}${path}`, body, signal),
  };
}

/** @returns the answer's body, untyped: the tests say what they expect of it */
export async function jsonOf(response: Response | Promise<Response>) {
  return JSON.parse(await (await response).text());
}

export function user(content: string) {
  return { role: 'user', content };
}
