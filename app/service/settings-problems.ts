import type { Settings } from '../../proxy/contract/settings.ts';
import { problemOfHeader } from './custom-headers.ts';
import { address } from './environment-values.ts';
import { targetsOf } from './upstreams.ts';

/**
 * What the schema cannot see: fields that contradict each other or that no request could be sent with.
 * @returns the first problem, naming the setting and the mend, without a full stop; undefined where there is none
 */
export function problemOf(settings: Settings): string | undefined {
  const { maxTokens, minTokens } = settings.limits;
  if (maxTokens !== null && minTokens !== null && minTokens > maxTokens)
    return `limits.minTokens (MIN_TOKENS_LIMIT) is ${minTokens}, above limits.maxTokens (MAX_TOKENS_LIMIT), which is ${maxTokens}: lower the first or raise the second`;

  const seen = new Set<string>();
  for (const [index, { id, baseUrl, headers }] of settings.upstreams.entries()) {
    const where = `upstreams[${index}]`;
    if (seen.has(id)) return `${where}.id: "${id}" is there twice; give each upstream its own id`;
    seen.add(id);
    if (address.read(baseUrl) === undefined)
      return `${where}.baseUrl: must be ${address.wanted}, without user name, password and query`;
    for (const [name, value] of Object.entries(headers)) {
      const problem = problemOfHeader(name, value);
      if (problem !== undefined) return `${where}.headers: "${name}" ${problem}`;
    }
  }
  return undefined;
}

/**
 * Targets on an upstream that is not there. Asked of the settings as a whole, because the environment can bring the
 * upstream that the file's mapping names.
 * @returns the problem, naming the setting and the mend, without a full stop; undefined where there is none
 */
export function problemOfTargets(settings: Settings): string | undefined {
  const ids = settings.upstreams.map(({ id }) => id);
  const lost = targetsOf(settings).find(({ upstream }) => upstream !== undefined && !ids.includes(upstream));
  if (lost === undefined) return undefined;
  return `mapping: the target ${lost.model} names the upstream "${lost.upstream}", which is not in upstreams (${ids.join(', ')}): correct the name or add the upstream`;
}
