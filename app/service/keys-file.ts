import { randomUUID } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { parseJson, readIfThere, tighten } from './json-file.ts';
import { codeOf, reasonOf, refuse } from './refusal.ts';

export const keysFileName = 'keys.json';

/** Printable ASCII without spaces: what an Authorization header can carry. */
const key = z.string().regex(/^[\x21-\x7e]+$/);

/** keys.json: the headless shell's keys, in a file that only its owner can read (design.md, "Shells"). */
const keysFileSchema = z.strictObject({
  /** What clients must present. */
  clientKey: key.optional(),
  /** Upstream id -> keys. */
  upstreams: z.record(z.string(), z.array(key)).default({}),
});
export type KeysFile = z.infer<typeof keysFileSchema>;

/**
 * Reads keys.json, and takes it from others where they could read it.
 * @param warn hears of that, in one sentence
 * @returns undefined where there is no file
 * @throws StrelkaError `settings-unusable` for a broken file: it is not set aside, because the keys in it can't be made again
 */
export async function readKeys(folder: string, warn: (message: string) => void): Promise<KeysFile | undefined> {
  const file = path.join(folder, keysFileName);
  try {
    const text = await readIfThere(file);
    if (text === undefined) return undefined;
    if (await tighten(file))
      warn(`${file} could be read by others: it is the owner's only now. If others use this machine, renew the keys.`);
    return parseKeys(file, text);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return refuse(
      `${file} cannot be read (${reasonOf(error)}): make it the property of the user that runs Strelka.`,
      error,
    );
  }
}

/**
 * Changes keys.json, whole or not at all.
 * @param change gets what the file holds (nothing, where there is none)
 * @returns what the file holds afterwards: where another process made the file at the same time, the change is
 * applied to that one
 * @throws StrelkaError `settings-unusable` where it cannot be read or written
 */
export async function updateKeys(folder: string, change: (file: KeysFile) => KeysFile): Promise<KeysFile> {
  const file = path.join(folder, keysFileName);
  const write = async (kept: KeysFile | undefined): Promise<KeysFile> => {
    const next = change(kept ?? { upstreams: {} });
    const text = `${JSON.stringify(next, null, 2)}\n`;
    if (kept !== undefined) await writeFileAtomic(file, text, { mode: 0o600 });
    else if (!(await createFile(file, text))) return write(await readKeys(folder, () => undefined));
    return next;
  };
  try {
    return await write(await readKeys(folder, () => undefined));
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return refuse(
      `${file} cannot be written (${reasonOf(error)}): name a writable folder with --data, or give the keys as OPENAI_API_KEY and ANTHROPIC_API_KEY.`,
      error,
    );
  }
}

/** Creates the file whole, unless it is there. @returns false where it was there already */
async function createFile(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    // A link is made whole or refused, unlike a file that another process could read half written.
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // exFAT and some network folders know no links.
    return await createDirectly(file, text);
  } finally {
    await rm(draft, { force: true });
  }
}

async function createDirectly(file: string, text: string): Promise<boolean> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** What is wrong with the file is told without quoting it: a misplaced key could stand anywhere. */
function parseKeys(file: string, text: string): KeysFile {
  const parsed = parseJson(text);
  if ('problem' in parsed) return refuse(`${file} is broken: ${parsed.problem}. Mend it, or move it away.`);
  const checked = keysFileSchema.safeParse(parsed.value);
  if (checked.success) return checked.data;
  return refuse(
    `${file} does not look like {"clientKey": "...", "upstreams": {"cloudru": ["..."]}}: mend it, or move it away.`,
  );
}
