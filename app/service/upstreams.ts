import type { Settings, TargetSetting, UpstreamSetting } from '../../proxy/contract/settings.ts';

/** @returns the upstream that tiers mean when they name none; the schema keeps the list from being empty */
export function primaryOf(settings: Settings): UpstreamSetting | undefined {
  return settings.upstreams[0];
}

/** @returns true where the address belongs to cloud.ru */
export function isCloudru(baseUrl: string): boolean {
  return /(^|\.)cloud\.ru$/i.test(new URL(baseUrl).hostname);
}

/**
 * Makes the address the primary upstream's, as OPENAI_BASE_URL asks. Its id follows from the address, and headers of
 * another upstream stay behind: keys and headers belong to an id and must not go to a server they were not given for.
 * Targets that name the upstream whose place is taken follow to the new one.
 */
export function setPrimary(settings: Settings, baseUrl: string): void {
  const kind = isCloudru(baseUrl) ? 'cloudru' : 'openai-compatible';
  const id = kind === 'cloudru' ? 'cloudru' : 'openai';
  const same = settings.upstreams.find((upstream) => upstream.id === id);
  const replaced = same ?? settings.upstreams[0];
  settings.upstreams = [
    { id, kind, baseUrl, headers: same?.headers ?? {} },
    ...settings.upstreams.filter((upstream) => upstream !== replaced),
  ];
  if (replaced === undefined || replaced === same) return;
  for (const target of targetsOf(settings)) if (target.upstream === replaced.id) target.upstream = id;
}

const usualOllama = 'http://127.0.0.1:11434';

/** Adds Ollama at its usual address, behind the other upstreams, where the settings define none. */
export function addOllama(settings: Settings): void {
  if (ollamaOf(settings) === undefined) setOllama(settings, usualOllama);
}

/**
 * Makes the address Ollama's, as OLLAMA_BASE_URL asks. Other programs want it with /v1 or /api at the end; that is left
 * out. Headers of an Ollama elsewhere stay behind: they must not go to a server that they were not given for.
 */
export function setOllama(settings: Settings, address: string): void {
  const baseUrl = address.replace(/\/(?:v1|api)$/, '');
  const known = ollamaOf(settings);
  if (known) {
    if (known.baseUrl !== baseUrl) known.headers = {};
    known.baseUrl = baseUrl;
    return;
  }
  const isTaken = settings.upstreams.some(({ id }) => id === 'ollama');
  settings.upstreams.push({ id: isTaken ? 'ollama-native' : 'ollama', kind: 'ollama', baseUrl, headers: {} });
}

function ollamaOf(settings: Settings): UpstreamSetting | undefined {
  return settings.upstreams.find(({ kind }) => kind === 'ollama');
}

/** @returns every target that the mapping names, each the object itself */
export function targetsOf(settings: Settings): TargetSetting[] {
  const { patterns, big, middle, small } = settings.mapping;
  const ofPatterns = patterns.flatMap(({ to }) => (typeof to === 'string' ? [] : [to]));
  return [...ofPatterns, ...big, ...middle, ...small];
}
