import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Paths of Unix domain sockets end at 103 bytes on macOS and 107 on Linux. */
const longestSocketPath = 103;

/**
 * Where the service of a data folder listens for commands: a socket in the folder, a named pipe on Windows.
 * @param folder the data folder
 * @returns the same address for the same folder, for service and command line alike
 */
export function controlAddress(folder: string, platform: NodeJS.Platform = process.platform): string {
  const hash = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\strelka-${hash}`;
  const socket = path.join(folder, 'control.sock');
  if (Buffer.byteLength(socket) <= longestSocketPath) return socket;
  return path.join(tmpdir(), `strelka-${process.getuid?.() ?? 0}-${hash}.sock`);
}
