import { type Call, sendJson } from './call.ts';
import { handleChatCompletions } from './chat-completions.ts';
import { handleCountTokens } from './count-tokens.ts';
import { StrelkaError } from './errors.ts';
import { handleMessages } from './messages.ts';
import { handleModel, handleModels } from './models.ts';
import type { Services } from './services.ts';

export interface RouteContext {
  services: Services;
  health: () => Record<string, unknown>;
}

interface HttpRoute {
  method: 'GET' | 'POST';
  path: string;
  /** Answers without a key: it says nothing secret. */
  open?: true;
  handle(call: Call, context: RouteContext): Promise<void> | void;
}

const routes: readonly HttpRoute[] = [
  { method: 'POST', path: '/v1/messages', handle: (call, { services }) => handleMessages(call, services) },
  {
    method: 'POST',
    path: '/v1/messages/count_tokens',
    handle: (call, { services }) => handleCountTokens(call, services),
  },
  {
    method: 'POST',
    path: '/v1/chat/completions',
    handle: (call, { services }) => handleChatCompletions(call, services),
  },
  { method: 'GET', path: '/v1/models', handle: (call, { services }) => handleModels(call, services) },
  { method: 'GET', path: '/health', open: true, handle: (call, { health }) => sendJson(call, 200, health()) },
  // Claude Code's preconnect (protocol.md 1.1): any answer will do.
  { method: 'GET', path: '/', open: true, handle: (call) => sendJson(call, 200, { name: 'strelka' }) },
  { method: 'GET', path: '/api/hello', open: true, handle: (call) => sendJson(call, 200, { name: 'strelka' }) },
];

const modelPath = '/v1/models/';

/**
 * Finds what answers a request. HEAD is answered like GET, without a body. The query plays no part: Claude Code adds
 * ?beta=true (protocol.md 1.1).
 * @param path without a trailing slash
 * @throws StrelkaError 'wrong-method' for a known path; an unknown path is told only to a client with the key
 */
export function findRoute(method: string, path: string): Pick<HttpRoute, 'open' | 'handle'> {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const known = routes.filter((route) => route.path === path);
  const route = known.find((candidate) => candidate.method === wanted);
  if (route) return route;
  if (wanted === 'GET' && path.startsWith(modelPath))
    return {
      handle: (call, { services }) => {
        const model = decode(path.slice(modelPath.length));
        if (model === undefined || !handleModel(call, services, model)) throw unknownPath(path);
      },
    };
  return {
    handle: () => {
      if (known.length === 0) throw unknownPath(path);
      const methods = known.map((candidate) => candidate.method).join(', ');
      throw new StrelkaError('wrong-method', `${path} takes ${methods}, not ${method}.`);
    },
  };
}

/** @returns the text, or undefined where its escapes are broken */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function unknownPath(path: string): StrelkaError {
  return new StrelkaError(
    'unknown-path',
    `There is nothing at ${path}. The gateway answers at /v1/messages and /v1/chat/completions.`,
  );
}
