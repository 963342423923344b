import { randomBytes } from 'node:crypto';
import type { Settings } from '../../proxy/contract/settings.ts';
import type { Secrets } from '../../proxy/start.ts';
import { type KeysFile, readKeys, updateKeys } from './keys-file.ts';
import { refuse } from './refusal.ts';
import { primaryOf } from './upstreams.ts';

/** Keys that the environment brings. */
export interface EnvironmentKeys {
  clientKey: string | undefined;
  /** For the primary upstream. */
  primaryKeys: readonly string[];
}

/**
 * Reads ANTHROPIC_API_KEY (clients present it) and OPENAI_API_KEY (several between commas).
 * @throws StrelkaError `settings-unusable` for a key that no header can carry, without quoting it
 */
export function readEnvironmentKeys(environment: NodeJS.ProcessEnv): EnvironmentKeys {
  const clientKey = environment.ANTHROPIC_API_KEY?.trim() ?? '';
  const primaryKeys = splitKeys(environment.OPENAI_API_KEY ?? '');
  if (clientKey !== '') checkKey('ANTHROPIC_API_KEY', clientKey);
  for (const key of primaryKeys) checkKey('OPENAI_API_KEY', key);
  return { clientKey: clientKey === '' ? undefined : clientKey, primaryKeys };
}

/**
 * Gathers the keys in force: the environment's over those of keys.json. The client key is made once and kept where
 * neither has one.
 * @param warn hears when keys.json could be read by others; it is tightened then
 * @throws StrelkaError `settings-unusable` where keys.json cannot be used
 */
export async function loadSecrets(
  folder: string,
  settings: Settings,
  environment: EnvironmentKeys,
  warn: (message: string) => void,
): Promise<Secrets> {
  const file = await readKeys(folder, warn);
  const primary = primaryOf(settings)?.id;
  const upstreamKeys = { ...file?.upstreams };
  if (primary !== undefined && environment.primaryKeys.length > 0) upstreamKeys[primary] = [...environment.primaryKeys];
  const clientKey = environment.clientKey ?? file?.clientKey ?? (await makeClientKey(folder));
  return { clientKey, upstreamKeys };
}

/**
 * The key that clients must present, by the same rule as in {@link loadSecrets}.
 * @throws StrelkaError `settings-unusable` where keys.json cannot be used
 */
export async function loadClientKey(
  folder: string,
  environment: EnvironmentKeys,
  warn: (message: string) => void,
): Promise<string> {
  return environment.clientKey ?? (await readKeys(folder, warn))?.clientKey ?? (await makeClientKey(folder));
}

/**
 * Puts the keys of one upstream into keys.json, in place of those it had.
 * @param text one key, or several between commas or on lines of their own
 * @returns how many keys there are
 * @throws StrelkaError `settings-unusable` where the text holds none or one that no header can carry
 */
export async function saveUpstreamKeys(folder: string, upstream: string, text: string): Promise<number> {
  const keys = splitKeys(text);
  if (keys.length === 0) refuse(`No key came on standard input: pipe or paste the key for ${upstream}.`);
  for (const key of keys) checkKey('The key', key);
  await updateKeys(folder, (file) => ({ ...file, upstreams: { ...file.upstreams, [upstream]: keys } }));
  return keys.length;
}

/** @returns true where answers must be simulated: cloud.ru comes first and has no key (design.md, "The outside contract") */
export function lacksKey(settings: Settings, secrets: Secrets): boolean {
  const primary = primaryOf(settings);
  return primary?.kind === 'cloudru' && (secrets.upstreamKeys[primary.id] ?? []).length === 0;
}

/** @returns every key, for the log to mask */
export function keysOf(secrets: Secrets): string[] {
  return [secrets.clientKey, ...Object.values(secrets.upstreamKeys).flat()];
}

async function makeClientKey(folder: string): Promise<string> {
  const made = `strelka-${randomBytes(24).toString('base64url')}`;
  // Another Strelka may have made one in the meantime: then that one stays.
  const file: KeysFile = await updateKeys(folder, (kept) => ({ ...kept, clientKey: kept.clientKey ?? made }));
  return file.clientKey ?? made;
}

function splitKeys(text: string): string[] {
  const keys = text.split(/[,\r\n]/).map((key) => key.trim());
  return [...new Set(keys.filter((key) => key !== ''))];
}

function checkKey(name: string, key: string): void {
  if (!/^[\x21-\x7e]+$/.test(key))
    refuse(`${name} holds a space or a character that is not ASCII, so no header can carry it: copy the key again.`);
}
