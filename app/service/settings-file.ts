import { rename } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { defaultSettings, type Settings, settingsSchema } from '../../proxy/contract/settings.ts';
import { describeIssue, parseJson, readIfThere } from './json-file.ts';
import { reasonOf, refuse } from './refusal.ts';
import { problemOf } from './settings-problems.ts';

export const settingsFileName = 'settings.json';

const currentVersion = 1;

/**
 * Version -> how a file of that version becomes one of the next. Version 1 is the first, so there is none yet; a new
 * version brings its line here and a fixture of the old file in the test.
 */
const migrations: Readonly<Record<number, (file: Record<string, unknown>) => Record<string, unknown>>> = {};

export type SettingsText =
  | { state: 'sound'; settings: Settings }
  | { state: 'broken'; problem: string }
  /** Written by a later Strelka: it is sound there, so it is never moved or overwritten. */
  | { state: 'newer'; version: number };

/** @returns what a text of settings.json holds; a problem names the setting */
export function parseSettings(text: string): SettingsText {
  const parsed = parseJson(text);
  if ('problem' in parsed) return { state: 'broken', problem: parsed.problem };
  if (!isRecord(parsed.value)) return { state: 'broken', problem: 'it is not a JSON object' };
  let file = parsed.value;
  let version = file.version ?? 1;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    return { state: 'broken', problem: 'version: must be a whole number from 1' };
  if (version > currentVersion) return { state: 'newer', version };
  for (; version < currentVersion; version++) file = migrations[version]?.(file) ?? file;

  const checked = settingsSchema.safeParse(file);
  if (!checked.success) return { state: 'broken', problem: describeIssue(checked.error) };
  const problem = problemOf(checked.data);
  return problem === undefined ? { state: 'sound', settings: checked.data } : { state: 'broken', problem };
}

/**
 * Reads settings.json at the start. A missing file means defaults, and none is written. A broken one is renamed, so
 * that nothing of it is lost when settings are saved later, and told of.
 * @param warn hears of a broken file, in one sentence
 * @throws StrelkaError `settings-unusable` for a file of a newer version and one that cannot be read or set aside
 */
export async function loadSettings(
  folder: string,
  warn: (message: string) => void,
  now = new Date(),
): Promise<Settings> {
  const file = path.join(folder, settingsFileName);
  const parsed = await readSettings(file);
  if (parsed === undefined) return defaultSettings();
  if (parsed.state === 'sound') return parsed.settings;
  if (parsed.state === 'newer') refuse(describeNewer(file, parsed.version));
  const aside = path.join(folder, `settings.broken-${now.toISOString().replace(/[:.]/g, '-')}.json`);
  try {
    await rename(file, aside);
  } catch (error) {
    refuse(`${file} is broken (${parsed.problem}) and cannot be set aside (${reasonOf(error)}): mend it.`, error);
  }
  warn(`${file} is broken: ${parsed.problem}. It is kept as ${aside}, and Strelka runs on the default settings.`);
  return defaultSettings();
}

/**
 * Reads settings.json after an edit. The file is never moved then: its owner may be in the middle of writing.
 * @throws StrelkaError `settings-unusable` where it cannot be used; the caller keeps the settings it has
 */
export async function reloadSettings(folder: string): Promise<Settings> {
  const file = path.join(folder, settingsFileName);
  const parsed = await readSettings(file);
  if (parsed === undefined) return defaultSettings();
  if (parsed.state === 'newer') refuse(describeNewer(file, parsed.version));
  if (parsed.state === 'broken') refuse(`${file} is broken: ${parsed.problem}.`);
  return parsed.settings;
}

/**
 * Changes some parts of settings.json and leaves the rest as its owner wrote it: defaults that stand nowhere in the file
 * keep following the program.
 * @throws StrelkaError `settings-unusable` where the file cannot be read, or would not be sound with the change
 */
export async function changeSettings(folder: string, parts: Partial<Settings>): Promise<void> {
  const file = path.join(folder, settingsFileName);
  await reloadSettings(folder);
  const parsed = parseJson((await readIfThere(file)) ?? '{}');
  const changed = { ...('value' in parsed && isRecord(parsed.value) ? parsed.value : {}), ...parts };
  const checked = parseSettings(JSON.stringify(changed));
  if (checked.state !== 'sound') refuse(`${file} would be broken by this change, so it is left as it was.`);
  await writeFileAtomic(file, `${JSON.stringify(changed, null, 2)}\n`, { mode: 0o600 });
}

async function readSettings(file: string): Promise<SettingsText | undefined> {
  const text = await readIfThere(file).catch((error: unknown) =>
    refuse(`${file} cannot be read (${reasonOf(error)}): make it readable or remove it.`, error),
  );
  return text === undefined ? undefined : parseSettings(text);
}

function describeNewer(file: string, version: number): string {
  return `${file} is of version ${version}, and this Strelka knows versions up to ${currentVersion}: update Strelka, or use another folder with --data.`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
