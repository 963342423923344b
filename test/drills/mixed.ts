import type { OllamaAnswer } from '../fakes/ollama.ts';
import { type Ask, ask, type Seen } from './client.ts';
import {
  attemptsOf,
  exchangeLines,
  judgeStatus,
  modelA,
  modelB,
  startDrillGateway,
  startLocalModel,
  until,
} from './drill-gateway.ts';
import { breaksAnywhere, type Fault, faults } from './faults.ts';
import { startFaultyCloud } from './faulty-cloud.ts';
import { judge } from './judge.ts';
import { type Play, type Scene, seededRandom, World, writeText } from './world.ts';

export interface MixedReport {
  wrong: string[];
  exchanges: number;
  messages: number;
  errors: number;
  left: number;
  attempts: number;
  takeovers: number;
  /** Requests that reached cloud.ru. */
  atCloud: number;
  switches: number;
  /** Exchanges by the name of each fault that they met. */
  byFault: Map<string, Met[]>;
}

export interface Met {
  seen: Seen;
  scene: Scene;
}

const concurrency = 32;
/** Whom a question goes to: tiers, and models by their own names. */
const askedModels = ['claude-opus-5', 'claude-haiku-4-5', modelA, modelB];

/**
 * Thousands of exchanges over two models of cloud.ru and a local one, each request to any of them with a share of bad
 * luck, drawn from the seed.
 */
export async function drillMixed(seed: number, exchanges: number): Promise<MixedReport> {
  const world = new World();
  await using cloud = await startFaultyCloud(world);
  await using ollama = await startLocalModel(world, (play) => drawLocalFault(seed, play));
  cloud.choose = (play) => drawFault(seed, play);
  const gateway = await startDrillGateway({
    cloud: cloud.baseUrl,
    models: [modelA, modelB],
    ollama,
    retries: { max: 1, askAgain: 1 },
    timeouts: { firstByteMs: 400, idleMs: 300, totalMs: 4_000 },
    failover: { cooldownMs: 60, cooldownMaxMs: 250, probeIntervalMs: 50, windowMs: 1_000, stayMs: 500 },
  });
  const report: MixedReport = {
    wrong: world.oddities,
    exchanges: 0,
    messages: 0,
    errors: 0,
    left: 0,
    attempts: 0,
    takeovers: 0,
    atCloud: 0,
    switches: 0,
    byFault: new Map(),
  };
  const counters = { message: 'messages', error: 'errors', left: 'left' } as const;
  try {
    const work = async (): Promise<void> => {
      while (report.exchanges < exchanges) {
        const number = report.exchanges;
        report.exchanges += 1;
        const question = drawAsk(seed, number, world);
        const seen = await ask(gateway.url, question);
        report[counters[seen.kind]] += 1;
        report.wrong.push(...judge(question, seen), ...judgeStatus(gateway.status()));
        if (seen.kind !== 'left') note(report, question.scene, seen);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    // Exchanges whose client left end a moment later.
    const { counts } = await until(gateway, 'the counts add up', ({ counts }) => {
      return counts.attempts === counts.good + counts.bad + counts.neutral;
    });
    await until(
      gateway,
      'every exchange is in the log',
      () => exchangeLines(gateway).length >= exchanges - report.left,
    );
    const attempts = exchangeLines(gateway).reduce((sum, line) => sum + attemptsOf(line), 0);
    if (attempts !== counts.attempts)
      report.wrong.push(`the log tells of ${attempts} attempts, the status of ${counts.attempts}`);
    return { ...report, atCloud: cloud.asked.exchanges, attempts, switches: counts.switches };
  } finally {
    await gateway.drain(0);
  }
}

function note(report: MixedReport, scene: Scene, seen: Seen): void {
  if (scene.served.some(({ continued }) => continued)) report.takeovers += 1;
  for (const name of new Set(scene.served.flatMap(({ fault }) => fault ?? []))) {
    const met = report.byFault.get(name) ?? [];
    met.push({ scene, seen });
    report.byFault.set(name, met);
  }
}

/** The same seed asks the same questions. */
function drawAsk(seed: number, number: number, world: World): Ask {
  const random = seededRandom(seed * 1_000_003 + number);
  const pick = <Item>(items: readonly Item[]): Item | undefined => items[Math.floor(random() * items.length)];
  const calls = pick([0, 0, 1, 2, 3]) ?? 0;
  const words = Math.floor(random() * 40);
  const reasoning = random() < 0.3 ? 'First I look at the files, then I say what I found.' : undefined;
  const door = random() < 0.6 ? 'messages' : 'chat';
  const answersCalls =
    random() < 0.4 ? [{ id: 'call_1', name: 'Read', input: { file_path: '/a', attempt: 'a0' } }] : [];
  const leaves = random() < 0.05 ? pick(['at-once', 'in-answer'] as const) : undefined;
  return {
    door,
    streamed: random() < 0.7,
    scene: world.begin((marker) => ({ text: writeText(marker, words), calls, ...(reasoning && { reasoning }) })),
    model: pick(askedModels) ?? '',
    thinking: random() < 0.3,
    history: answersCalls.length > 0 ? historyOf[door] : [],
    answersCalls,
    ...(random() < 0.7 && { session: `session-${Math.floor(random() * 30)}` }),
    ...(leaves && { leaves }),
  };
}

const historyOf = {
  messages: [
    { role: 'user', content: 'Read /a.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'Read', input: { file_path: '/a' } }] },
  ],
  chat: [
    { role: 'user', content: 'Read /a.' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'Read', arguments: '{"file_path":"/a"}' } }],
    },
  ],
};

/** Behind the whole text, a model that is asked to go on and says nothing can't be told from one that has nothing to add. */
const silences: ReadonlySet<string> = new Set(['empty answer']);
/** Waits of their own length would make the drill slow and teach nothing. */
const slow: ReadonlySet<string> = new Set(['429, Retry-After']);
const drawable = [...faults, ...breaksAnywhere, ...breaksAnywhere].filter(
  ({ wire, name }) => wire.kind !== 'nowhere' && !slow.has(name),
);

/** One request in four fails; keys and balances less often, because they close cloud.ru for a while. */
function drawFault(seed: number, play: Play): Fault | undefined {
  const random = randomOf(seed, play);
  if (random() > 0.25) return undefined;
  const fault = drawable[Math.floor(random() * drawable.length)];
  if (fault && play.textIsTold && silences.has(fault.name)) return undefined;
  return fault && /key|balance/.test(fault.name) && random() < 0.7 ? undefined : fault;
}

const localFaults: readonly { name: string; change: OllamaAnswer }[] = [
  { name: 'local 500', change: { status: 500, body: { error: 'llama runner process has terminated' } } },
  { name: 'local 503', change: { status: 503, body: { error: 'server busy, please try again' } } },
  { name: 'local error in the stream', change: { rawLines: ['{"error":"an error was encountered"}'] } },
  { name: 'local cut', change: { cutAfterLines: 3 } },
  { name: 'local end', change: { omitDone: true } },
];

function drawLocalFault(seed: number, play: Play): { name: string; change: OllamaAnswer } | undefined {
  const random = randomOf(seed, play);
  if (random() > 0.06) return undefined;
  return localFaults[Math.floor(random() * localFaults.length)];
}

/** Luck hangs on the exchange, the model and how often it was asked, not on the order of things that run side by side. */
function randomOf(seed: number, { scene, served }: Play): () => number {
  const asked = scene.served.filter(({ model }) => model === served.model).length;
  const words = `${seed} ${scene.marker} ${served.model} ${asked}`;
  let hash = 17;
  for (const character of words) hash = Math.imul(hash, 31) + (character.codePointAt(0) ?? 0);
  return seededRandom(hash);
}
