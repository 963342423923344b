import { type Call, doorOf, sendJson } from './call.ts';
import type { Services } from './services.ts';

export interface ModelEntry {
  id: string;
  /** For a person: what the name stands for. */
  name: string;
  upstream: string;
}

/** Claude's names that clients offer (protocol.md 1.4). Discovery in Claude Code keeps only ids with "claude" (1.1). */
const claudeNames = ['claude-opus-5', 'claude-sonnet-5', 'claude-haiku-4-5'];

/** GET /v1/models: Claude's names with what they are mapped to, then what the upstreams list. */
export function handleModels(call: Call, services: Services): void {
  const entries = listModels(services);
  if (doorOf(call.request, '/v1/models') === 'messages') sendJson(call, 200, anthropicList(entries));
  else sendJson(call, 200, { object: 'list', data: entries.map(openaiEntry) });
}

/**
 * GET /v1/models/ID.
 * @returns false where there is no such model
 */
export function handleModel(call: Call, services: Services, id: string): boolean {
  const entry = listModels(services).find((model) => model.id === id);
  if (!entry) return false;
  sendJson(call, 200, doorOf(call.request, '/v1/models') === 'messages' ? anthropicEntry(entry) : openaiEntry(entry));
  return true;
}

function listModels(services: Services): ModelEntry[] {
  const named = claudeNames.map((id) => {
    const target = services.routeOf(id).targets[0];
    return { id, name: target ? `${id} (${target.model})` : id, upstream: target?.upstream ?? 'strelka' };
  });
  const listed = [...services.listedModels()].flatMap(([upstream, ids]) =>
    ids.map((id) => ({ id, name: id, upstream })),
  );
  return [...new Map([...named, ...listed].map((entry) => [entry.id, entry])).values()];
}

/** When a model was made is not known; a fixed date keeps answers alike. */
const createdAt = '2026-01-01T00:00:00Z';

function anthropicEntry({ id, name }: ModelEntry): Record<string, unknown> {
  return { type: 'model', id, display_name: name, created_at: createdAt };
}

function anthropicList(entries: readonly ModelEntry[]): Record<string, unknown> {
  return {
    data: entries.map(anthropicEntry),
    has_more: false,
    first_id: entries[0]?.id ?? null,
    last_id: entries.at(-1)?.id ?? null,
  };
}

function openaiEntry({ id, upstream }: ModelEntry): Record<string, unknown> {
  return { id, object: 'model', created: Date.parse(createdAt) / 1000, owned_by: upstream };
}
