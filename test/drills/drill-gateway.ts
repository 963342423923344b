import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from '../../proxy/contract/settings.ts';
import { type Status, statusSchema } from '../../proxy/contract/status.ts';
import type { LogFields } from '../../proxy/log.ts';
import { startTestGateway, type TestGateway } from '../fakes/gateway.ts';
import { coder, type FakeOllama, type OllamaAnswer, startFakeOllama } from '../fakes/ollama.ts';
import type { Play, World } from './world.ts';

export const modelA = 'zai-org/GLM-4.7';
export const modelB = 'openai/gpt-oss-120b';

export interface DrillGatewayOptions {
  /** With /v1. */
  cloud: string;
  models?: readonly string[];
  ollama?: FakeOllama;
  failover?: Partial<Settings['failover']>;
  retries?: Partial<Settings['retries']>;
  timeouts?: Partial<Settings['timeouts']>;
}

/** A gateway with a cloud.ru and, where there is one, a local model that stands by and is known to be ready. */
export async function startDrillGateway(options: DrillGatewayOptions): Promise<TestGateway> {
  const { cloud, models = [modelA], ollama } = options;
  const targets = models.map((model) => ({ upstream: 'fake', model }));
  const gateway = await startTestGateway(cloud, {
    upstreams: [
      { id: 'fake', kind: 'cloudru', baseUrl: cloud, headers: {} },
      ...(ollama ? [{ id: 'ollama', kind: 'ollama' as const, baseUrl: ollama.url, headers: {} }] : []),
    ],
    mapping: { big: targets, middle: targets, small: targets },
    standby: { model: ollama ? coder.name : null },
    limits: { requestsPerSecond: 0 },
    retries: { max: 0, ...options.retries },
    timeouts: { connectMs: 2_000, firstByteMs: 500, idleMs: 300, ...options.timeouts },
    failover: { ...options.failover },
  });
  if (ollama) await until(gateway, 'the standby is ready', ({ standby }) => standby.ready);
  return gateway;
}

/** A local model that answers the exchanges of a world. */
export async function startLocalModel(
  world: World,
  breakIt: (play: Play) => { name: string; change: OllamaAnswer } | undefined = () => undefined,
): Promise<FakeOllama> {
  const ollama = await startFakeOllama((body) => {
    const messages = body.messages.map(({ role, content }) => ({ role, text: content }));
    const play = world.play(messages, { model: body.model, local: true });
    if (!play) return { text: '.' };
    const fault = breakIt(play);
    play.served.fault = fault?.name ?? null;
    return { text: play.text, toolCalls: play.calls, ...fault?.change };
  });
  ollama.loaded.set(coder.name, coder.contextLength);
  return ollama;
}

const patienceMs = 10_000;

/** Waits until the status is so, looking again and again. */
export async function until(gateway: TestGateway, what: string, holds: (status: Status) => boolean): Promise<Status> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const status = gateway.status();
    if (holds(status)) return status;
    if (performance.now() > deadline) assert.fail(`waited in vain: ${what}; the status is ${JSON.stringify(status)}`);
    await sleep(5);
  }
}

/** What the gateway's log says of its exchanges. */
export function exchangeLines(gateway: TestGateway): LogFields[] {
  return gateway.lines.flatMap(({ fields }) => (fields.exchange && fields.askedModel ? [fields] : []));
}

/** How many attempts an exchange took, by its log line. */
export function attemptsOf(line: LogFields): number {
  return typeof line.attempts === 'number' ? line.attempts : line.upstream === undefined ? 0 : 1;
}

/**
 * Whether the status can be true: it is as its schema says, and the active target is the first sound one of the route.
 * @returns what is wrong with it
 */
export function judgeStatus(status: Status): string[] {
  const wrong: string[] = [];
  const parsed = statusSchema.safeParse(status);
  if (!parsed.success) wrong.push(`not as the schema says: ${parsed.error.message}`);
  const { active, state, targets, standby, counts } = status;
  const route = targets.filter((target) => target.tiers.includes('big') || target.standby);
  const isSound = (target: (typeof route)[number]): boolean =>
    ['closed', 'degraded', 'held-closed'].includes(target.state) && (!target.standby || standby.ready);
  const first = route.find(isSound);
  const nameOf = (target: { upstream: string; model: string } | null | undefined): string =>
    target ? `${target.upstream}/${target.model}` : 'none';
  if (first && nameOf(first) !== nameOf(active)) wrong.push(`active is ${nameOf(active)} and not ${nameOf(first)}`);
  const atHome = nameOf(active) === nameOf(route[0]);
  if (state === 'healthy' && !(atHome && route[0]?.state === 'closed'))
    wrong.push(`healthy, with ${nameOf(active)} active and home ${route[0]?.state}`);
  if (state === 'failed-over' && atHome) wrong.push('failed over to itself');
  if (state === 'down' && first) wrong.push(`down, though ${nameOf(first)} is ${first.state}`);
  if (counts.good + counts.bad + counts.neutral > counts.attempts)
    wrong.push(`more outcomes than attempts: ${JSON.stringify(counts)}`);
  return wrong;
}
