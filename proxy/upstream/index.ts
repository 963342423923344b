import type { UpstreamSetting } from '../contract/settings.ts';
import { StrelkaError } from '../errors.ts';
import type { Connections } from './connection.ts';
import { OpenAiCompatible } from './openai-compatible.ts';
import type { Upstream } from './upstream.ts';

export interface UpstreamParts {
  connections: Connections;
  /** The keys of this upstream, tried in rotation. */
  keys: readonly string[];
  /** Replaces the address where the simulated upstream stands in for a real one. */
  demoUrl?: string;
}

/** One line a kind of upstream (design.md, "Where a newcomer adds things"). */
const makers: Readonly<Record<UpstreamSetting['kind'], (setting: UpstreamSetting, parts: UpstreamParts) => Upstream>> =
  {
    cloudru: (setting, parts) => makeOpenAi(setting, parts, parts.demoUrl ? 'cloud.ru (simulated)' : 'cloud.ru', true),
    'openai-compatible': (setting, parts) => makeOpenAi(setting, parts, new URL(setting.baseUrl).host, false),
  };

/** @returns the upstream that a setting describes */
export function makeUpstream(setting: UpstreamSetting, parts: UpstreamParts): Upstream {
  return makers[setting.kind](setting, parts);
}

function makeOpenAi(setting: UpstreamSetting, parts: UpstreamParts, name: string, needsKey: boolean): Upstream {
  let turn = 0;
  return new OpenAiCompatible({
    id: setting.id,
    name,
    baseUrl: parts.demoUrl ?? setting.baseUrl,
    headers: setting.headers,
    connections: parts.connections,
    key: () => {
      if (parts.keys.length > 0) return parts.keys[turn++ % parts.keys.length];
      if (!needsKey || parts.demoUrl) return undefined;
      throw new StrelkaError(
        'upstream-key-missing',
        `There is no key for ${name}. Put it into OPENAI_API_KEY, or store it: npm run -s strelka -- key set ${setting.id}`,
      );
    },
  });
}
