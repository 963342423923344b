import type { Settings, TargetSetting, Tier } from '../contract/settings.ts';
import { findCatalogued } from '../profile/catalogue.ts';
import type { ListedModels } from './listed.ts';
import { resolveTier } from './mapping.ts';
import { fillTier } from './preset.ts';

/** An upstream and a model on it. */
export interface Target {
  upstream: string;
  model: string;
}

/** The ordered targets that a request may be tried at. */
export interface Route {
  /** Null where the name means one model and no tier. */
  tier: Tier | null;
  /** Never empty; the first one is meant, the others stand in for it. */
  targets: Target[];
}

/** What a name that says nothing is taken for (issue 2, point 6). */
const defaultTier: Tier = 'big';

/**
 * Finds where a request goes.
 * @param askedModel the model that the client named
 * @param settings its mapping, and its upstreams: the first one is meant where a target names none
 * @param listed ids by upstream, where they are known; nothing is awaited here
 */
export function routeOf(askedModel: string, settings: Settings, listed: ListedModels): Route {
  const destination = resolveTier(askedModel, settings.mapping, listed) ??
    unlistedModel(askedModel, settings, listed) ?? { tier: defaultTier };
  if ('target' in destination) return { tier: null, targets: [completeTarget(destination.target, settings)] };
  return { tier: destination.tier, targets: targetsOfTier(destination.tier, settings, listed) };
}

/**
 * @returns the ordered targets of a tier: the settings' own, or what the preset makes of the first upstream's list
 */
export function targetsOfTier(tier: Tier, settings: Settings, listed: ListedModels): Target[] {
  const named = settings.mapping[tier];
  if (named.length > 0) return named.map((target) => completeTarget(target, settings));
  const upstream = firstUpstream(settings);
  return fillTier(settings.mapping.preset, tier, listed.get(upstream)).map((model) => ({ upstream, model }));
}

/** Until the first upstream's list is known, an id of cloud.ru's bundled list is taken for one that it offers. */
function unlistedModel(
  askedModel: string,
  settings: Settings,
  listed: ListedModels,
): { target: TargetSetting } | undefined {
  if (listed.has(firstUpstream(settings))) return undefined;
  return findCatalogued(askedModel)?.listed?.startsWith('cloudru') ? { target: { model: askedModel } } : undefined;
}

function completeTarget(target: TargetSetting, settings: Settings): Target {
  return { upstream: target.upstream ?? firstUpstream(settings), model: target.model };
}

/** The schema asks for at least one upstream. */
function firstUpstream(settings: Settings): string {
  return settings.upstreams[0]?.id ?? '';
}
