import type { Status } from '../../proxy/contract/status.ts';
import { attemptsOf, exchangeLines } from './drill-gateway.ts';
import { faults } from './faults.ts';
import { Conversation, type Exchanged, holdStreams, keepAsking, startKillScene } from './kill.ts';
import { drillMixed } from './mixed.ts';
import { drillFault } from './single.ts';

/** `npm run drill`: what a client sees while cloud.ru fails in every known way. Exit 1 where something was wrong. */

interface Row {
  fault: string;
  clientSaw: string;
  answeredBy: string;
  attempts: string;
  sentence: string;
}

const wrong: string[] = [];
const seed = Number(process.env.DRILL_SEED) || Math.ceil(Math.random() * 1e6);

function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function sentencesOf({ events }: Status): string[] {
  return events.flatMap((event) => (event.kind === 'target-switched' ? [event.sentence] : []));
}

async function drillEachFault(): Promise<Row[]> {
  const reports = await Promise.all(faults.map(async (fault) => ({ fault, report: await drillFault(fault, true) })));
  return reports.map(({ fault, report }) => {
    wrong.push(...report.wrong);
    const failed = report.asks.filter(({ seen }) => seen.kind !== 'message').length;
    if (failed > 0) wrong.push(`${fault.name}: ${failed} exchanges failed though a standby was ready`);
    return {
      fault: fault.name,
      clientSaw: failed === 0 ? `${report.asks.length} answers` : `${failed} errors`,
      answeredBy: [...new Set(report.asks.map(({ answeredBy }) => answeredBy))].join(', '),
      attempts: report.asks.map(({ attempts }) => attempts).join(' '),
      sentence: report.switchSentence ?? '-',
    };
  });
}

/** @returns rows, and lines of numbers */
async function drillKill(): Promise<{ rows: Row[]; numbers: string[] }> {
  const streams = 10;
  await using scene = await startKillScene({ cooldownMs: 200, cooldownMaxMs: 400, probeIntervalMs: 100 });
  const { cloud, gateway } = scene;
  const conversations = Array.from({ length: streams }, (_, index) => new Conversation(scene, `session-${index}`));
  const round = (): Promise<Exchanged[]> => Promise.all(conversations.map((conversation) => conversation.next()));
  const all: Exchanged[] = [...(await round())];
  const hold = holdStreams(cloud, streams);
  const broken = round();
  await hold.held;
  await cloud.kill();
  hold.release();
  const takenOver = await broken;
  const [first] = conversations;
  const afterOpening: Exchanged[] = [];
  for (let time = 0; first && time < 9; time += 1) afterOpening.push(await first.next());
  const dead = await keepAsking(conversations, gateway, ({ upstreams }) => {
    return upstreams.some(({ retryAt }) => (retryAt ?? 0) - Date.now() > 200);
  });
  await cloud.revive();
  const revivedAt = performance.now();
  const returning = await keepAsking(conversations, gateway, ({ state }) => state === 'healthy');
  const backMs = performance.now() - revivedAt;
  all.push(...takenOver, ...afterOpening, ...dead, ...returning, ...(await round()));
  wrong.push(...all.flatMap((exchanged) => exchanged.wrong), ...scene.world.oddities);
  const status = gateway.status();
  const [away = '-', back = '-'] = sentencesOf(status);
  const rowOf = (fault: string, exchanges: readonly Exchanged[], sentence: string): Row => {
    const ids = new Set(exchanges.map(({ seen }) => seen.exchange));
    const lines = exchangeLines(gateway).filter(({ exchange }) => ids.has(String(exchange)));
    const failed = exchanges.filter((exchanged) => exchanged.wrong.length > 0).length;
    return {
      fault,
      clientSaw: failed === 0 ? `${exchanges.length} answers` : `${failed} of ${exchanges.length} wrong`,
      answeredBy: [...new Set(lines.map(({ upstream }) => String(upstream)))].join(', '),
      attempts: [...new Set(lines.map(attemptsOf))].sort().join(' or '),
      sentence,
    };
  };
  const [one, ...others] = afterOpening.map(({ seen }) => seen.ttftMs);
  const usual = median(others);
  return {
    rows: [
      rowOf(`cloud.ru killed under ${streams} streams`, takenOver, away),
      rowOf('cloud.ru dead', [...afterOpening, ...dead], '-'),
      rowOf('cloud.ru revived', returning, back),
    ],
    numbers: [
      `${all.length} exchanges, ${all.filter((exchanged) => exchanged.wrong.length > 0).length} wrong, ${status.counts.switches} switches, ${status.counts.afterCommit} answers taken over`,
      `first exchange after the opening: first byte after ${one?.toFixed(1)} ms; the next ones ${usual.toFixed(1)} ms (median); lost: ${Math.max(0, (one ?? 0) - usual).toFixed(1)} ms`,
      `back on cloud.ru, healthy, ${Math.round(backMs)} ms after its return (cooldown 200 ms and its double at most, hold 400 ms, probes each 100 ms)`,
    ],
  };
}

function printTable(rows: readonly Row[]): void {
  const heads: Row = {
    fault: 'fault',
    clientSaw: 'client saw',
    answeredBy: 'answered by',
    attempts: 'attempts',
    sentence: 'switch sentence',
  };
  const columns = ['fault', 'clientSaw', 'answeredBy', 'attempts', 'sentence'] as const;
  const widths = columns.map((column) => Math.max(...[heads, ...rows].map((row) => row[column].length)));
  for (const row of [heads, ...rows])
    print(
      columns
        .map((column, index) => row[column].padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

const kill = await drillKill();
const single = await drillEachFault();
const startedAt = performance.now();
const mixed = await drillMixed(seed, 300);
wrong.push(...mixed.wrong);
printTable([...kill.rows, ...single]);
print();
for (const line of kill.numbers) print(line);
print(
  `mixed, seed ${seed}: ${mixed.exchanges} exchanges in ${Math.round(performance.now() - startedAt)} ms: ${mixed.messages} answers, ${mixed.errors} errors, ${mixed.left} clients left; ${mixed.attempts} attempts, ${mixed.takeovers} takeovers, ${mixed.switches} switches, ${mixed.byFault.size} faults met`,
);
print(wrong.length === 0 ? 'Nothing was wrong.' : `${wrong.length} wrong (DRILL_SEED=${seed}):`);
for (const sentence of wrong) print(`  ${sentence}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
