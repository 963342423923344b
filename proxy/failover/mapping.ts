import type { Settings, TargetSetting, Tier } from '../contract/settings.ts';
import { fitsPattern } from '../profile/model-pattern.ts';
import { formsOfName, tierOfFamily } from './asked-name.ts';
import { findListed, type ListedModels } from './listed.ts';

export type Mapping = Settings['mapping'];

/** Where a name goes: to a tier's ordered targets, or to one target. */
export type Destination = { tier: Tier } | { target: TargetSetting };

/**
 * Decides by name alone where a request goes (issue 2, point 6): patterns of the settings in their order, then ids that
 * the upstreams list or the settings name as targets, then Claude's families.
 * @param askedModel as the client wrote it; case, `[1m]`, dates and `anthropic/` do not count
 * @param listed ids by upstream, where they are known
 * @returns undefined for a name that says nothing; the caller has a default
 */
export function resolveTier(
  askedModel: string,
  mapping: Mapping,
  listed: ListedModels = new Map(),
): Destination | undefined {
  const forms = formsOfName(askedModel);
  for (const { match, to } of mapping.patterns)
    if (forms.some((form) => fitsPattern(match, form))) return typeof to === 'string' ? { tier: to } : { target: to };
  const target = findConfigured(forms, mapping) ?? findListed(forms, listed);
  if (target) return { target };
  const tier = tierOfFamily(askedModel);
  return tier && { tier };
}

/** A model that the settings name as a target is an upstream's own id, whether or not a list could be had. */
function findConfigured(forms: readonly string[], mapping: Mapping): TargetSetting | undefined {
  const names = new Set(forms.map((form) => form.toLowerCase()));
  const targets = [
    ...mapping.patterns.flatMap(({ to }) => (typeof to === 'string' ? [] : [to])),
    ...mapping.big,
    ...mapping.middle,
    ...mapping.small,
  ];
  return targets.find(({ model }) => names.has(model.toLowerCase()));
}
