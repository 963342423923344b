import { z } from 'zod';
import { type Preset, presetSchema, type Tier, tierSchema } from '../contract/settings.ts';
import { findCatalogued, isChatModel } from '../profile/catalogue.ts';
import { bareModelId } from '../profile/model-pattern.ts';
import { spellingIn } from './listed.ts';
import data from './presets.json' with { type: 'json' };

/** Candidates of each tier in order of preference: the seeds' models first, then what took their place. */
const presets = z.record(presetSchema, z.record(tierSchema, z.array(z.string().min(1)).min(1))).parse(data);

/**
 * Fills a tier that the settings leave empty.
 * @param list what the upstream offers; undefined or empty where that is not known
 * @returns ids in order, at least one: the preset's that are offered; when none is, the first chat model that is; with
 *   no list, the first candidate that was on cloud.ru's list at the catalogue's date
 */
export function fillTier(preset: Preset, tier: Tier, list: readonly string[] | undefined): string[] {
  const candidates = presets[preset][tier];
  if (list === undefined || list.length === 0) return [candidates.find(isListedToday) ?? candidates[0] ?? ''];
  const offered = candidates.flatMap((candidate) => spellingOfCandidate(list, candidate) ?? []);
  if (offered.length > 0) return [...new Set(offered)];
  return [firstChatModel(list) ?? candidates[0] ?? ''];
}

function isListedToday(model: string): boolean {
  return findCatalogued(model)?.listed === 'cloudru';
}

/** The full id, or a bare one. Never another owner's model of that name: it may be served abroad. */
function spellingOfCandidate(list: readonly string[], candidate: string): string | undefined {
  return spellingIn(list, candidate) ?? spellingIn(list, bareModelId(candidate));
}

/** One that stays in the country where there is a choice. */
function firstChatModel(list: readonly string[]): string | undefined {
  const chat = list.filter(isChatModel);
  return chat.find((model) => findCatalogued(model)?.listed !== 'cloudru-external') ?? chat[0];
}
