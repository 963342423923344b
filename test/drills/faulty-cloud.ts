import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setImmediate as tick } from 'node:timers/promises';
import { writeCompletion, writeFrames } from '../fakes/chat-answer.ts';
import { type RecordedBody, textOf } from '../fakes/chat-upstream.ts';
import { type Fault, midStreamError, type Wire } from './faults.ts';
import type { Play, World } from './world.ts';

export interface FaultyCloud extends AsyncDisposable {
  /** With /v1. It stays the same over kill and revive. */
  readonly baseUrl: string;
  /** Completions asked by exchanges, by probes, and lists of models, since the start. */
  readonly asked: { exchanges: number; probes: number; lists: number };
  /** Decides what a request meets; undefined: a sound answer. */
  choose: (play: Play) => Fault | undefined;
  /** Called before each frame of a sound answer: a promise holds the stream. */
  beforeFrame: (play: Play, position: number) => Promise<void> | undefined;
  /** Stops listening and resets every connection. */
  kill(): Promise<void>;
  /** Listens again, on the same port. */
  revive(): Promise<void>;
}

/** A cloud.ru on loopback that answers the exchanges of a world, with faults, and can be killed and revived. */
export async function startFaultyCloud(world: World): Promise<FaultyCloud> {
  const sockets = new Set<Socket>();
  const asked = { exchanges: 0, probes: 0, lists: 0 };
  const server = createServer((request, response) => {
    // A broken connection is what drills are about; anything else is a mistake of the drill.
    handle(request, response).catch((error: unknown) => {
      if (!response.destroyed) world.oddities.push(`the cloud failed: ${String(error)}`);
      response.destroy();
    });
  });
  server.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      asked.lists += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"object":"list","data":[]}');
      return;
    }
    const body: RecordedBody = JSON.parse(await readText(request));
    const messages = body.messages.map((message) => ({ role: message.role, text: textOf(message) }));
    const play = world.play(messages, { model: body.model, local: false });
    if (play === undefined) {
      asked.probes += 1;
      await send(response, body, [...writeFrames({ text: '.' }, { id: 'probe', model: body.model }, true)]);
      return;
    }
    asked.exchanges += 1;
    const fault = cloud.choose(play);
    play.served.fault = fault?.name ?? null;
    await perform(response, body, play, fault?.wire);
  }

  async function perform(response: ServerResponse, body: RecordedBody, play: Play, wire?: Wire): Promise<void> {
    const answer = { text: play.text, reasoning: play.reasoning, toolCalls: play.calls };
    const identity = { id: `chatcmpl-${play.served.attempt}`, model: body.model };
    const frames = writeFrames(answer, identity, true);
    switch (wire?.kind) {
      case undefined:
        if (body.stream) await send(response, body, frames, (position) => cloud.beforeFrame(play, position));
        else sendWhole(response, writeCompletion(answer, identity));
        return;
      case 'refuse': {
        const text = typeof wire.body === 'string' ? wire.body : JSON.stringify(wire.body);
        response.writeHead(wire.status, { 'content-type': 'application/json', ...wire.headers }).end(text);
        return;
      }
      case 'before-headers':
        if (wire.ending === 'reset') response.socket?.resetAndDestroy();
        return;
      case 'frames':
        await send(response, { ...body, stream: true }, wire.data);
        return;
      case 'in-stream':
        await sendPart(response, frames.slice(0, placeOf(wire.at, frames, play)));
        if (wire.at === 'text') await play.scene.heard;
        if (wire.ending === 'reset') response.socket?.resetAndDestroy();
        else if (wire.ending === 'end') response.end();
        else if (wire.ending === 'error') response.end(`data: ${midStreamError}\n\n`);
        return;
      case 'nowhere':
        throw new Error('an upstream that is nowhere was asked');
    }
  }

  await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(where: number): Promise<void> {
    server.listen(where, '127.0.0.1');
    await once(server, 'listening');
  }

  async function kill(): Promise<void> {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  }

  const cloud: FaultyCloud = {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    asked,
    choose: () => undefined,
    beforeFrame: () => undefined,
    kill,
    revive: () => listen(port),
    [Symbol.asyncDispose]: kill,
  };
  return cloud;
}

/** How many frames go out before the break. */
function placeOf(at: 'role' | 'text' | 'anywhere', frames: readonly string[], play: Play): number {
  if (at === 'role') return 1;
  // Short of the finish reason: behind it an answer is whole (failures.md S-5).
  const last = frames.findIndex((frame) => /"finish_reason":"/.test(frame));
  if (at === 'text') return Math.min(last, 1 + Math.ceil(play.reasoning.length / 7) + 4);
  return 1 + ((Number(play.served.attempt.slice(1)) * 7919) % Math.max(1, last - 1));
}

async function send(
  response: ServerResponse,
  { stream }: Pick<RecordedBody, 'stream'>,
  frames: readonly string[],
  before?: (position: number) => Promise<void> | undefined,
): Promise<void> {
  if (stream !== true) return void response.end();
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const [position, frame] of frames.entries()) {
    const held = before?.(position);
    if (held) await held;
    if (response.destroyed) return;
    response.write(`data: ${frame}\n\n`);
    // Now and then, so that frames arrive in several reads and thousands of answers stay quick.
    if (position % 4 === 3) await tick();
  }
  response.end();
}

/** A part of a stream, certain to be under way before what follows. */
async function sendPart(response: ServerResponse, frames: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const frame of frames)
    await new Promise<void>((resolve) => response.write(`data: ${frame}\n\n`, () => resolve()));
  await tick();
}

function sendWhole(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
