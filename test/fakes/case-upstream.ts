import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises';
import type { FailureCase } from '../cases/case.ts';

/** How the bytes of a streamed answer are cut into writes. */
export type Cut = 'frames' | 'bytes' | ((all: Buffer) => Buffer[]);

export interface CaseUpstream {
  /** With /v1. */
  baseUrl: string;
  /** What the next requests are answered with. */
  play(sample: FailureCase, cut: Cut): void;
  close(): Promise<void>;
}

/** An upstream that answers every completion with the wire shape of one case. */
export async function startCaseUpstream(): Promise<CaseUpstream> {
  let current: { sample: FailureCase; cut: Cut } | undefined;
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      if (request.method === 'GET') {
        response.setHeader('content-type', 'application/json');
        response.end('{"object":"list","data":[]}');
      } else if (current) void answer(response, current.sample, current.cut);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    play: (sample, cut) => {
      current = { sample, cut };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(response: ServerResponse, sample: FailureCase, cut: Cut): Promise<void> {
  const { upstream } = sample;
  response.socket?.setNoDelay(true);
  if (upstream.transport_error) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(upstream.status, upstream.headers);
  if (!upstream.sse) {
    response.end(upstream.body_text ?? JSON.stringify(upstream.body));
    return;
  }
  for (const piece of cutFrames(sample, upstream.sse, cut)) {
    if (response.destroyed) return;
    response.write(piece);
    await tick();
  }
  if (upstream.disconnect === 'reset') {
    await sleep(50);
    response.socket?.destroy();
  } else response.end();
}

function cutFrames(sample: FailureCase, frames: string[], cut: Cut): Buffer[] {
  const all = Buffer.from(frames.join(''));
  if (typeof cut === 'function') return cut(all);
  if (cut === 'bytes') return Array.from(all, (byte) => Buffer.from([byte]));
  if (!sample.chunking) return frames.map((frame) => Buffer.from(frame));
  let start = 0;
  return sample.chunking.map((size) => {
    start += size;
    return all.subarray(start - size, start);
  });
}
