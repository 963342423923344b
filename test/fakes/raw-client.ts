import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An HTTP client that sends any bytes it likes. */
export class RawClient {
  readonly socket: Socket;
  #received = '';
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#received += text;
      this.#wake();
    });
    socket.on('close', () => this.#wake());
    // The other side may cut the connection while bytes are on their way: what it said before counts.
    socket.on('error', () => {});
  }

  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  get received(): string {
    return this.#received;
  }

  /** Sends bytes, as fast as the other side takes them; settles too where the connection has ended. */
  async send(bytes: string | Buffer): Promise<void> {
    if (!this.socket.destroyed) await new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()));
  }

  /** @returns all that has come once it holds the words; what there was where the connection ends before */
  async receive(words: string): Promise<string> {
    while (!this.#received.includes(words) && !this.socket.closed)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#received;
  }

  /** @returns all that came until the other side closed the connection */
  async receiveAll(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close');
    return this.#received;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export interface RawAnswer {
  status: number;
  requestId: string;
  type: string;
  message: string;
}

/** Reads the first error answer out of raw bytes; fields that are not there are empty. */
export function readError(text: string): RawAnswer {
  const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
  let envelope: { error?: { type?: string; message?: string } } = {};
  try {
    envelope = JSON.parse(body);
  } catch {
    // Told by the empty fields.
  }
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
    requestId: /^request-id: (\S+)/im.exec(head)?.[1] ?? '',
    type: envelope.error?.type ?? '',
    message: envelope.error?.message ?? '',
  };
}
