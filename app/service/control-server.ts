import { once } from 'node:events';
import { chmod, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { StrelkaError, toStrelkaError } from '../../proxy/errors.ts';
import { type ControlAnswer, controlRequestSchema, readLines, writeLine } from './control-line.ts';

export interface ControlOptions {
  /** From controlAddress. */
  address: string;
  /** @throws StrelkaError, whose kind and message go to the asker */
  answer(command: string, values: unknown): Promise<unknown>;
}

export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Listens for commands of the same user: on a socket that only the owner may open, so that no key is needed.
 * @throws Error where another service of this data folder listens already, or the address can't be had
 */
export async function startControl(options: ControlOptions): Promise<ControlServer> {
  await removeStale(options.address);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A client that is gone needs no answer.
    socket.on('error', () => socket.destroy());
    void serve(socket, options);
  });
  await listen(server, options.address);
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(socket: Socket, { answer }: ControlOptions): Promise<void> {
  try {
    for await (const line of readLines(socket)) writeLine(socket, await answerLine(line, answer));
  } catch {
    // Reading failed: the client is gone.
    socket.destroy();
  }
}

async function answerLine(line: unknown, answer: ControlOptions['answer']): Promise<ControlAnswer> {
  try {
    const request = controlRequestSchema.safeParse(line);
    if (!request.success) throw new StrelkaError('invalid-request', 'This is no command of Strelka.');
    return { result: await answer(request.data.command, request.data.arguments) };
  } catch (thrown) {
    const { kind, message } = toStrelkaError(thrown);
    return { error: { kind, message } };
  }
}

async function listen(server: Server, address: string): Promise<void> {
  // Set before the socket exists, so that there is no moment in which others could open it.
  const mask = process.umask(0o177);
  try {
    server.listen(address);
    await once(server, 'listening');
  } finally {
    process.umask(mask);
  }
  if (process.platform !== 'win32') await chmod(address, 0o600);
}

/** A socket file outlives a service that was killed; nobody answers at it then. */
async function removeStale(address: string): Promise<void> {
  if (process.platform === 'win32') return;
  const socket = connect(address);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ECONNREFUSED') await unlink(address);
    return;
  } finally {
    socket.destroy();
  }
  throw new Error('another Strelka of this data folder is running');
}
