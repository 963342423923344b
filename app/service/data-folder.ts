import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf, refuse } from './refusal.ts';

/** What decides where the data folder is; given, so that tests can play any platform. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  homeFolder: string;
}

/**
 * The folder that holds settings.json and keys.json; both shells share it (design.md, "Shells").
 * @param chosen the value of --data, if any: it comes before STRELKA_HOME, and that before the platform's usual place
 * @returns an absolute path; the folder need not exist
 */
export function locateDataFolder(chosen: string | undefined, surroundings: Surroundings): string {
  const { environment, platform, homeFolder } = surroundings;
  const named = chosen ?? nonEmpty(environment.STRELKA_HOME);
  if (named !== undefined) return path.resolve(named);
  if (platform === 'darwin') return path.join(homeFolder, 'Library', 'Application Support', 'Strelka');
  if (platform === 'win32')
    return path.join(nonEmpty(environment.APPDATA) ?? path.join(homeFolder, 'AppData', 'Roaming'), 'Strelka');
  const base = nonEmpty(environment.XDG_CONFIG_HOME);
  // The XDG specification tells to ignore a relative path there.
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(homeFolder, '.config'), 'strelka');
}

/**
 * Makes the data folder where it is missing, for its owner only. A folder that is there keeps its permissions.
 * @throws StrelkaError `settings-unusable` where it cannot be made
 */
export async function makeDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    refuse(
      `The data folder ${folder} cannot be made (${reasonOf(error)}): name a writable one with --data or STRELKA_HOME.`,
      error,
    );
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
