/**
 * Real clients against the gateway, on a scripted upstream (issue 2, "What it must show"; issue 3).
 *   node test/clients/run.ts [claude-code|opencode|openclaw ...] [--scenario a,b] [--list] [--direct] [--keep]
 * Clients are installed into a cache outside the repo while the network is there; then this file runs itself again
 * where there is none but loopback.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { claudeCode } from './claude-code.ts';
import type { Client } from './client.ts';
import { installClient, nodeFirst } from './install.ts';
import { openclaw } from './openclaw.ts';
import { opencodeAnthropic, opencodeOpenai } from './opencode.ts';
import { endOf, interrupt } from './process.ts';
import { runClient } from './run-client.ts';
import { findSandbox } from './sandbox.ts';
import { type Scenario, scenarios } from './scenario.ts';

const clients: readonly Client[] = [claudeCode, opencodeAnthropic, opencodeOpenai, openclaw];

/** Where each package's command is, or why it is not there. Handed from the outer process to the inner one. */
const installationsSchema = z.record(
  z.string(),
  z.union([z.strictObject({ binary: z.string() }), z.strictObject({ skipped: z.string() })]),
);
type Installations = z.infer<typeof installationsSchema>;

interface Row {
  client: Client;
  scenario: Scenario;
  result: 'passed' | 'failed' | 'skipped';
  seconds: number;
  /** Why it was skipped; what went wrong. */
  note: string;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    scenario: { type: 'string' },
    list: { type: 'boolean', default: false },
    direct: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    inside: { type: 'string' },
  },
});
const chosenClients = choose('client', clients, positionals);
const chosenScenarios = choose('scenario', scenarios, values.scenario?.split(',') ?? []);

let inner: ChildProcess | undefined;
let interruptedBy: 'SIGINT' | 'SIGTERM' | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interruptedBy = signal;
    interrupt();
    inner?.kill(signal);
  });
}

if (values.list) {
  for (const client of chosenClients) {
    for (const scenario of chosenScenarios) say(`${label(client)} ${scenario.name}`);
  }
} else if (values.inside === undefined) process.exitCode = await runOutside();
else process.exitCode = await runInside(installationsSchema.parse(JSON.parse(values.inside)));

/** Installs what is wanted, then runs this file again without a network. @returns the exit code */
async function runOutside(): Promise<number> {
  const sandbox = findSandbox();
  const installations: Installations = {};
  for (const client of new Set(chosenClients.map((chosen) => chosen.package))) {
    if ('skipped' in sandbox) installations[client.name] = sandbox;
    else {
      process.stderr.write(`${client.name}@${client.version}: looking in the cache, else installing\n`);
      installations[client.name] = await installClient(client);
    }
  }
  if ('skipped' in sandbox) return runInside(installations);
  if (interruptedBy !== undefined) return exitCodeOf(interruptedBy);
  const args = [...process.argv.slice(1), '--inside', JSON.stringify(installations)];
  const [program = '', ...rest] = sandbox.enter([process.execPath, ...args]);
  inner = spawn(program, rest, { stdio: 'inherit', env: nodeFirst() });
  return (await endOf(inner)) ?? 1;
}

/** Runs every chosen client through every chosen scenario, one at a time. @returns the exit code */
async function runInside(installations: Installations): Promise<number> {
  const base = await mkdtemp(path.join(tmpdir(), 'strelka-clients-'));
  const rows: Row[] = [];
  for (const client of chosenClients) {
    for (const scenario of chosenScenarios) {
      if (interruptedBy !== undefined) break;
      const started = performance.now();
      const { result, note } = await runOne(client, scenario, installations[client.package.name], base);
      const seconds = (performance.now() - started) / 1000;
      rows.push({ client, scenario, result, seconds, note });
      process.stderr.write(`${result.padEnd(8)} ${label(client)} ${scenario.name}\n`);
    }
  }
  report(rows);
  if (values.keep) say(`Kept: ${base}`);
  else await rm(base, { recursive: true, force: true, maxRetries: 5 });
  if (interruptedBy !== undefined) return exitCodeOf(interruptedBy);
  return rows.some((row) => row.result === 'failed') ? 1 : 0;
}

async function runOne(
  client: Client,
  scenario: Scenario,
  installation: Installations[string] | undefined,
  base: string,
): Promise<Pick<Row, 'result' | 'note'>> {
  if (installation === undefined) throw new Error(`Nobody looked for ${client.package.name}.`);
  if ('skipped' in installation) return { result: 'skipped', note: installation.skipped };
  if (values.direct && client.door === 'anthropic') {
    return { result: 'skipped', note: 'it does not speak chat completions, so there is no way past the gateway' };
  }
  const folder = path.join(base, `${client.name}-${client.door}-${scenario.name}`);
  await mkdir(folder);
  const fault = await runClient({ client, binary: installation.binary, scenario, folder, direct: values.direct });
  return fault === undefined ? { result: 'passed', note: '' } : { result: 'failed', note: fault };
}

function exitCodeOf(signal: 'SIGINT' | 'SIGTERM'): number {
  return 128 + constants.signals[signal];
}

function report(rows: Row[]): void {
  for (const row of rows) {
    if (row.result === 'failed') say(`\n${label(row.client)} ${row.scenario.name} failed:\n${row.note}`);
  }
  say(`\n${'client'.padEnd(44)}${'scenario'.padEnd(13)}${'result'.padEnd(9)}${'seconds'.padStart(7)}`);
  for (const { client, scenario, result, seconds, note } of rows) {
    const reason = result === 'skipped' ? `  ${note}` : '';
    const time = seconds.toFixed(1).padStart(7);
    say(`${label(client).padEnd(44)}${scenario.name.padEnd(13)}${result.padEnd(9)}${time}${reason}`);
  }
  const count = (result: Row['result']) => rows.filter((row) => row.result === result).length;
  say(`\n${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
}

function label(client: Client): string {
  return `${client.name} ${client.package.version}, ${client.door} door`;
}

/** @returns the named items, all where none is named; a wrong name ends the process with a line that lists the right ones */
function choose<T extends { name: string }>(kind: string, all: readonly T[], names: string[]): T[] {
  const wrong = names.find((name) => !all.some((item) => item.name === name));
  if (wrong !== undefined) {
    const known = [...new Set(all.map((item) => item.name))].join(', ');
    process.stderr.write(`There is no ${kind} ${JSON.stringify(wrong)}; choose from: ${known}\n`);
    process.exit(2);
  }
  return all.filter((item) => names.length === 0 || names.includes(item.name));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
