import { z } from 'zod';
import { type Profile, profileSchema } from '../contract/profile.ts';
import type { ProfileOverride } from '../contract/settings.ts';
import { findCatalogued } from './catalogue.ts';
import { fitsModel } from './model-pattern.ts';
import data from './profiles.json' with { type: 'json' };

const { families } = z
  .strictObject({
    families: z.array(
      z.strictObject({
        match: z.array(z.string().min(1)).min(1),
        why: z.string().min(1),
        profile: z.strictObject(profileSchema.partial().shape),
      }),
    ),
  })
  .parse(data);

/** What is assumed of a model that nobody described: what works everywhere, at the price of some comfort. */
const assumed: Profile = {
  thinking: 'none',
  replayReasoning: false,
  vision: false,
  // A refusal would end a session for good, because the image stays in its history.
  imageWithoutVision: 'describe',
  readsPdf: false,
  // The smallest window of a chat model on cloud.ru's list (gpt-oss-120b): too small costs an early compaction, too
  // large a refused request.
  contextWindow: 131_072,
  // What Claude Code asks of a model it doesn't know is 32000 (protocol.md 1.3): it passes unclamped.
  maxOutputTokens: 32_768,
  // The one field that every server takes (protocol.md 3: z.ai takes no other; cloud.ru's samples use it).
  maxTokensField: 'max_tokens',
  topK: false,
  forcedToolChoice: true,
  parallelToolCalls: true,
  strictTools: true,
  // As <system-reminder> in a user message it is legal for every chat template (protocol.md 1.6).
  systemAnywhere: false,
  toolCallIds: 'any',
  streamsToolCalls: true,
  continuation: 'instruction',
  thinkingPrefilled: false,
};

const cacheLimit = 1000;
const cache = new WeakMap<readonly ProfileOverride[], Map<string, Profile>>();

/**
 * Finds what a model needs. For each field the first that says something wins: the user's settings, then the families
 * of profiles.json, then the catalogue's numbers, then what is safe to assume.
 * @param model the id as the upstream knows it
 * @param overrides `profiles` of the settings; results are kept as long as this array lives, so pass the same one
 * @returns a frozen profile, the same object for the same question
 */
export function resolveProfile(model: string, overrides: readonly ProfileOverride[]): Profile {
  let known = cache.get(overrides);
  if (known === undefined) {
    known = new Map();
    cache.set(overrides, known);
  }
  const found = known.get(model);
  if (found) return found;
  const profile = Object.freeze(composeProfile(model, overrides));
  // Names can come from clients: the memory they take is bounded.
  if (known.size >= cacheLimit) known.clear();
  known.set(model, profile);
  return profile;
}

function composeProfile(model: string, overrides: readonly ProfileOverride[]): Profile {
  const layers: Partial<Profile>[] = [assumed, catalogueLayer(model)];
  for (const { match, profile } of families.toReversed())
    if (match.some((pattern) => fitsModel(pattern, model))) layers.push(profile);
  for (const { match, profile } of overrides.toReversed()) if (fitsModel(match, model)) layers.push(profile);
  const composed: Profile = { ...assumed };
  // Last written wins, so the layers stand in rising order of weight.
  for (const layer of layers) Object.assign(composed, withoutUndefined(layer));
  composed.maxOutputTokens = Math.min(composed.maxOutputTokens, composed.contextWindow);
  return composed;
}

function catalogueLayer(model: string): Partial<Profile> {
  const entry = findCatalogued(model);
  if (entry === undefined) return {};
  const { contextWindow, maxOutputTokens } = entry;
  // Only what is published to be there; a missing mark is not a proof of absence that could outweigh a family's.
  return { contextWindow, maxOutputTokens, ...(entry.vision ? { vision: true } : {}) };
}

function withoutUndefined(layer: Partial<Profile>): Partial<Profile> {
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined));
}
