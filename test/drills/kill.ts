import type { Status } from '../../proxy/contract/status.ts';
import type { TestGateway } from '../fakes/gateway.ts';
import type { FakeOllama } from '../fakes/ollama.ts';
import { type Ask, ask, historyOf, type Seen } from './client.ts';
import { type DrillGatewayOptions, startDrillGateway, startLocalModel } from './drill-gateway.ts';
import { type FaultyCloud, startFaultyCloud } from './faulty-cloud.ts';
import { judge } from './judge.ts';
import { type Play, World, writeText } from './world.ts';

/** A cloud.ru, a local model that stands by, and a gateway before both. */
export interface KillScene extends AsyncDisposable {
  world: World;
  cloud: FaultyCloud;
  ollama: FakeOllama;
  gateway: TestGateway;
}

export async function startKillScene(failover: DrillGatewayOptions['failover']): Promise<KillScene> {
  const world = new World();
  const cloud = await startFaultyCloud(world);
  const ollama = await startLocalModel(world);
  const gateway = await startDrillGateway({ cloud: cloud.baseUrl, ollama, failover });
  return {
    world,
    cloud,
    ollama,
    gateway,
    [Symbol.asyncDispose]: async () => {
      await gateway.drain(0);
      await cloud.kill();
      await ollama.close();
    },
  };
}

export interface Exchanged {
  ask: Ask;
  seen: Seen;
  wrong: string[];
  before: Status;
  after: Status;
}

/** An agent's conversation: a question, tool results, and so on, each request with the whole history. */
export class Conversation {
  readonly #scene: KillScene;
  readonly #session: string;
  #history: object[] = [];
  #calls: Seen['calls'] = [];
  #asked = 0;

  constructor(scene: KillScene, session: string) {
    this.#scene = scene;
    this.#session = session;
  }

  /** The next request: tool results where the last answer called tools, else the user's next question. */
  async next(): Promise<Exchanged> {
    const { world, gateway } = this.#scene;
    // Two of three answers call tools, so that turns are three requests long.
    const calls = this.#asked++ % 3 === 2 ? 0 : 2;
    const question: Ask = {
      door: 'messages',
      streamed: true,
      session: this.#session,
      history: this.#history,
      answersCalls: this.#calls,
      scene: world.begin((marker) => ({ text: writeText(marker, 30), calls })),
    };
    const before = gateway.status();
    const seen = await ask(gateway.url, question);
    const wrong = judge(question, seen);
    if (seen.kind !== 'message') wrong.push(`failed: ${seen.status} ${seen.errorType} ${seen.message}`);
    this.#history = historyOf(question, seen);
    this.#calls = seen.calls;
    return { ask: question, seen, wrong, before, after: gateway.status() };
  }
}

/**
 * Holds the streams of cloud.ru in their middle.
 * @param streams how many
 * @returns resolves once all of them are held and their clients have a part of the answer; `release` lets them go
 */
export function holdStreams(cloud: FaultyCloud, streams: number): { held: Promise<void>; release(): void } {
  const middle = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const waiting = new Set<Play>();
  cloud.beforeFrame = (play, position) => {
    if (position !== 8) return undefined;
    waiting.add(play);
    if (waiting.size === streams)
      void Promise.all([...waiting].map(({ scene }) => scene.heard)).then(() => middle.resolve());
    return gate.promise;
  };
  return {
    held: middle.promise,
    release: () => {
      cloud.beforeFrame = () => undefined;
      gate.resolve();
    },
  };
}

/** True where cloud.ru was out of use from before the exchange until after it, without a trial due. */
export function wasShut({ before, after }: Exchanged, now = Date.now()): boolean {
  const [cloud, still] = [before, after].map(({ upstreams }) => upstreams.find(({ local }) => !local));
  if (cloud?.state !== 'open' || still?.state !== 'open') return false;
  // Epoch times are made of a steady clock's, to the millisecond: the same opening may differ by one.
  const sameOpening = Math.abs((cloud.retryAt ?? 0) - (still.retryAt ?? 0)) < 10;
  return sameOpening && (still.retryAt ?? 0) > now;
}

/** Asks on in all conversations at once until the status is so. */
export async function keepAsking(
  conversations: readonly Conversation[],
  gateway: TestGateway,
  holds: (status: Status) => boolean,
): Promise<Exchanged[]> {
  const done: Exchanged[] = [];
  const deadline = performance.now() + 15_000;
  await Promise.all(
    conversations.map(async (conversation) => {
      while (!holds(gateway.status()) && performance.now() < deadline) done.push(await conversation.next());
    }),
  );
  return done;
}
