import { StrelkaError } from '../../proxy/errors.ts';

/**
 * Ends the start (exit 1) with one sentence that names the setting and the mend.
 * @param message for a person; no key and no content of keys.json may stand in it
 * @throws StrelkaError `settings-unusable`, always
 */
export function refuse(message: string, cause?: unknown): never {
  throw new StrelkaError('settings-unusable', message, cause === undefined ? {} : { cause });
}

/** @returns the code of a Node error (`EACCES`, ...), if the thrown thing has one */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a file of that name is there',
};

/** @returns why a file operation failed, in words where the code is a usual one */
export function reasonOf(thrown: unknown): string {
  const code = codeOf(thrown);
  return (code === undefined ? undefined : reasons[code]) ?? code ?? String(thrown);
}
