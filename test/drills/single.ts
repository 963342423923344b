import { type Ask, ask, type Seen } from './client.ts';
import { attemptsOf, exchangeLines, startDrillGateway, startLocalModel } from './drill-gateway.ts';
import type { Fault } from './faults.ts';
import { startFaultyCloud } from './faulty-cloud.ts';
import { judge } from './judge.ts';
import { World, writeText } from './world.ts';

export interface SingleReport {
  asks: { ask: Ask; seen: Seen; attempts: number; answeredBy: string }[];
  wrong: string[];
  /** What the user is told of the switch; undefined where there was none. */
  switchSentence: string | undefined;
  switches: number;
}

/**
 * Each answer of cloud.ru meets one fault: through both doors, streamed and not, and once more.
 * @param standby whether a local model stands by
 */
export async function drillFault(fault: Fault, standby: boolean): Promise<SingleReport> {
  const world = new World();
  await using cloud = await startFaultyCloud(world);
  await using ollama = await startLocalModel(world);
  cloud.choose = () => fault;
  if (fault.wire.kind === 'nowhere') await cloud.kill();
  const gateway = await startDrillGateway({
    cloud:
      fault.wire.kind === 'nowhere' && fault.wire.where === 'unknown-name' ? 'http://cloud.invalid/v1' : cloud.baseUrl,
    ...(standby && { ollama }),
    // Left alone for long once it is open; probes stay away.
    failover: { cooldownMs: 60_000, probeIntervalMs: 60_000 },
  });
  try {
    const report: SingleReport = { asks: [], wrong: world.oddities, switchSentence: undefined, switches: 0 };
    for (const [door, streamed] of manners) {
      const scene = world.begin((marker) => ({ text: writeText(marker, 20), reasoning: 'Let me see.', calls: 2 }));
      const question: Ask = { door, streamed, scene };
      const seen = await ask(gateway.url, question);
      const line = exchangeLines(gateway).find(({ exchange }) => exchange === seen.exchange);
      const attempts = line ? attemptsOf(line) : 0;
      report.asks.push({ ask: question, seen, attempts, answeredBy: String(line?.upstream ?? '-') });
      report.wrong.push(...judge(question, seen));
    }
    const switches = gateway.status().events.filter(({ kind }) => kind === 'target-switched');
    return { ...report, switchSentence: switches.at(0)?.sentence, switches: switches.length };
  } finally {
    await gateway.drain(0);
  }
}

const manners: readonly (readonly [Ask['door'], boolean])[] = [
  ['messages', true],
  ['messages', false],
  ['chat', true],
  ['chat', false],
  ['messages', true],
];
