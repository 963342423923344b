import { watch } from 'node:fs';

export interface FolderWatch {
  stop(): void;
}

/** How long a burst of changes has to be over before it is told. */
const quietMs = 100;

/**
 * Tells of changes to some files of a folder, a moment after the last of a burst. The folder is watched and not the
 * files, because editors and atomic writes replace a file by another.
 * @param changed is called with nothing; what changed is for the caller to read
 * @param failed hears that nothing is watched (any more), as where the system's limit of watches is reached
 */
export function watchFolder(
  folder: string,
  names: readonly string[],
  changed: () => void,
  failed: (error: unknown) => void,
): FolderWatch {
  let timer: NodeJS.Timeout | undefined;
  try {
    const watcher = watch(folder, (_event, name) => {
      // Some platforms name no file: then any may have changed.
      if (name !== null && !names.includes(name)) return;
      clearTimeout(timer);
      timer = setTimeout(changed, quietMs);
    });
    watcher.on('error', failed);
    return {
      stop: () => {
        clearTimeout(timer);
        watcher.close();
      },
    };
  } catch (error) {
    failed(error);
    return { stop: () => undefined };
  }
}
