import assert from 'node:assert/strict';
import type { FailoverEvent } from '../../proxy/contract/failover.ts';
import { failoverEventSchema } from '../../proxy/contract/failover.ts';
import { type Settings, settingsSchema } from '../../proxy/contract/settings.ts';
import type { ErrorKind } from '../../proxy/errors.ts';
import type { Target } from '../../proxy/failover/routes.ts';
import type { TierTargets } from '../../proxy/failover/status.ts';
import { Supervisor } from '../../proxy/failover/supervisor.ts';
import type { Ticket } from '../../proxy/failover/ticket.ts';
import type { RouteRequest } from '../../proxy/failover/walk.ts';

export const glm: Target = { upstream: 'cloudru', model: 'glm' };
export const oss: Target = { upstream: 'cloudru', model: 'oss' };
export const local: Target = { upstream: 'ollama', model: 'qwen' };
export const names: Record<string, string> = { cloudru: 'cloud.ru', ollama: 'Ollama' };

export interface Asked {
  targets?: Target[];
  session?: string | null;
  newTurn?: boolean;
  needed?: number;
  windows?: Record<string, number>;
}

/** A supervisor on a clock that stands until it is moved: cloud.ru first, Ollama as the standby. */
export class Supervised {
  now = 0;
  readonly events: FailoverEvent[] = [];
  settings: Settings;
  tiers: TierTargets = { big: [glm], middle: [glm], small: [glm] };
  fallback: Target | undefined = local;
  ready = true;
  lot = 0.5;
  readonly supervisor: Supervisor;

  constructor(change: { settings?: object; tiers?: Partial<TierTargets>; fallback?: Target | undefined } = {}) {
    this.settings = settingsSchema.parse({
      upstreams: [
        { id: 'cloudru', kind: 'cloudru', baseUrl: 'http://127.0.0.1:1/v1' },
        { id: 'other', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:2/v1' },
      ],
      ...change.settings,
    });
    Object.assign(this.tiers, change.tiers);
    if ('fallback' in change) this.fallback = change.fallback;
    this.supervisor = new Supervisor({
      settings: () => this.settings,
      clock: { now: () => this.now },
      wallClock: () => 1_000_000 + this.now,
      random: () => this.lot,
      tiers: () => this.tiers,
      fallbackTarget: () => this.fallback,
      standbyReady: () => this.ready,
      nameOf: (id) => names[id] ?? id,
      onEvent: (event) => {
        assert.deepEqual(failoverEventSchema.parse(event), event, 'an event crosses borders as its schema says');
        this.events.push(event);
      },
    });
  }

  walk(asked: Asked = {}): { next(): Ticket | undefined } {
    const request: RouteRequest = {
      route: { tier: 'big', targets: asked.targets ?? [...this.tiers.big] },
      session: asked.session ?? null,
      newTurn: asked.newTurn ?? true,
      neededTokens: () => asked.needed ?? 100,
      windowOf: ({ model }) => asked.windows?.[model] ?? 100_000,
    };
    return this.supervisor.walk(request);
  }

  /** @returns the next ticket of a fresh walk */
  take(asked: Asked = {}): Ticket {
    return this.walk(asked).next() ?? assert.fail('there is no target');
  }

  /** Where a request would go, as a model's name. It is taken back without an outcome. */
  peek(asked: Asked = {}): string {
    const ticket = this.take(asked);
    ticket.settle({ result: 'neutral' });
    return ticket.target.model;
  }

  /** Requests one after the other whose first attempt fails so. */
  fail(kind: ErrorKind, times = 1, status?: number): void {
    for (let time = 0; time < times; time += 1) this.take().settle({ result: 'bad', kind, status, afterCommit: false });
  }

  /** Requests one after the other whose first attempt succeeds. */
  succeed(times = 1, asked: Asked = {}): void {
    for (let time = 0; time < times; time += 1) this.take(asked).settle({ result: 'good', ttftMs: 100, totalMs: 900 });
  }

  /** The state of a breaker as the status names it. */
  breaker(subject: string): string {
    const status = this.supervisor.status();
    const found =
      status.upstreams.find(({ id }) => id === subject) ?? status.targets.find(({ model }) => model === subject);
    return found?.state ?? assert.fail(`${subject} is not in the status`);
  }

  told(kind: FailoverEvent['kind']): string[] {
    return this.events.filter((event) => event.kind === kind).map(({ sentence }) => sentence);
  }
}
