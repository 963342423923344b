import type { Settings } from '../contract/settings.ts';
import type { Target } from './routes.ts';
import { type Candidate, isSame } from './walk.ts';

/** @returns true for an upstream on this machine: Ollama, whoever wrote it into the settings, and the standby's own */
export function isLocal(upstream: string, settings: Settings, standby: Target | undefined): boolean {
  if (upstream === standby?.upstream) return true;
  return settings.upstreams.some(({ id, kind }) => id === upstream && kind === 'ollama');
}

/**
 * The targets that the mode allows, best first, each once. The standby is the last of every route unless the mode is
 * cloud (issue 4, points 3 and 7).
 */
export function candidatesOf(targets: readonly Target[], settings: Settings, standby: Target | undefined): Candidate[] {
  const { mode } = settings;
  const candidates: Candidate[] = [];
  for (const target of standby ? [...targets, standby] : targets) {
    const local = isLocal(target.upstream, settings, standby);
    if ((mode === 'cloud' && local) || (mode === 'local' && !local)) continue;
    if (candidates.some((other) => isSame(other.target, target))) continue;
    candidates.push({ target, standby: standby !== undefined && isSame(target, standby) });
  }
  return candidates;
}
