import type { Settings, UpstreamSetting } from '../contract/settings.ts';
import type { Connections } from './connection.ts';
import type { KeyRings } from './key-rings.ts';
import { Ollama } from './ollama.ts';
import { OpenAiCompatible } from './openai-compatible.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamParts {
  connections: Connections;
  /** The keys of this upstream, tried in rotation. */
  keys: readonly string[];
  rings: KeyRings;
  /** Requests that each key may make in a second, 0 for any number; null: what is known of the kind. */
  requestsPerSecond: number | null;
  /** Replaces the address where the simulated upstream stands in for a real one. */
  demoUrl?: string;
  /** How local models are kept in memory. */
  standby: Settings['standby'];
}

/** One line a kind of upstream (design.md, "Where a newcomer adds things"). */
const makers: Readonly<Record<UpstreamSetting['kind'], (setting: UpstreamSetting, parts: UpstreamParts) => Upstream>> =
  {
    cloudru: (setting, parts) => makeOpenAi(setting, parts, parts.demoUrl ? 'cloud.ru (simulated)' : 'cloud.ru', true),
    'openai-compatible': (setting, parts) => makeOpenAi(setting, parts, new URL(setting.baseUrl).host, false),
    ollama: makeOllama,
  };

/** @returns the upstream that a setting describes */
export function makeUpstream(setting: UpstreamSetting, parts: UpstreamParts): Upstream {
  return makers[setting.kind](setting, parts);
}

function makeOllama(setting: UpstreamSetting, { connections, demoUrl, standby }: UpstreamParts): Ollama {
  const { keepAlive, maxContext } = standby;
  return new Ollama({
    id: setting.id,
    name: demoUrl ? 'Ollama (simulated)' : 'Ollama',
    baseUrl: demoUrl ?? setting.baseUrl,
    headers: setting.headers,
    connections,
    keepAlive,
    maxContext,
  });
}

/** cloud.ru's limit for one key, by its own material; 20 by some of it (protocol.md 3). */
const cloudruPerSecond = 15;

function makeOpenAi(setting: UpstreamSetting, parts: UpstreamParts, name: string, needsKey: boolean): Upstream {
  const { id, headers } = setting;
  const { connections, demoUrl } = parts;
  const baseUrl = demoUrl ?? setting.baseUrl;
  const isCloud = needsKey && demoUrl === undefined;
  const keys = parts.rings.open({ id, name, baseUrl });
  keys.replace(
    parts.keys.length > 0 || isCloud ? parts.keys : [undefined],
    parts.requestsPerSecond ?? (isCloud ? cloudruPerSecond : 0),
  );
  return new OpenAiCompatible({ id, name, baseUrl, headers, connections, keys });
}
