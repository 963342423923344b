import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { startChatUpstream } from '../fakes/chat-upstream.ts';
import { type Client, models } from './client.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type Outcome, runCommand } from './process.ts';
import type { Scenario } from './scenario.ts';
import { createTask, findFileFaults, layOutProject, replayedReasoning, type Task } from './task.ts';

export interface ClientRun {
  client: Client;
  /** The client's command. */
  binary: string;
  scenario: Scenario;
  /** Empty; the run lays out everything in it and leaves it to the caller. */
  folder: string;
  /** The client talks to the fake upstream itself: a control that tells the client's faults from the gateway's. */
  direct: boolean;
}

const key = 'test-key';
const timeLimitMs = 120_000;
const tailLength = 3_000;

/**
 * Lets a client do the task once, through a fresh gateway, on a fresh upstream, with a fresh home.
 * @returns what went wrong, as text for a person; undefined when all went as told
 */
export async function runClient(run: ClientRun): Promise<string | undefined> {
  const { client, scenario, folder } = run;
  const project = path.join(folder, 'project');
  const gatewayLog = path.join(folder, 'gateway.log');
  const faults: string[] = [];
  let outcome: Outcome | undefined;
  try {
    await layOutProject(project);
    const task = createTask(client.tools, scenario, project);
    await using upstream = await startChatUpstream(task.script, [...new Set(Object.values(models))]);
    await using gateway = await openGateway(run, upstream.url, gatewayLog);
    outcome = await runInFreshHome(run, gateway.url, project, task.prompt);
    faults.push(...findOutcomeFaults(client, outcome, task, scenario), ...(await findFileFaults(project)));
    const exitCode = await gateway.stop();
    if (exitCode !== 0) faults.push(`The gateway ended with ${exitCode} on SIGTERM.`);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  if (faults.length === 0) return undefined;
  if (outcome !== undefined) {
    faults.push(section('client stdout', outcome.stdout), section('client stderr', outcome.stderr));
  }
  if (!run.direct) faults.push(section('gateway stderr', await readFile(gatewayLog, 'utf8').catch(String)));
  return faults.join('\n');
}

async function openGateway(run: ClientRun, upstreamUrl: string, logFile: string): Promise<Gateway> {
  if (run.direct) {
    return { url: upstreamUrl.replace(/\/v1$/, ''), stop: async () => 0, [Symbol.asyncDispose]: async () => undefined };
  }
  const data = path.join(run.folder, 'data');
  await mkdir(data);
  return startGateway(upstreamUrl, key, data, logFile);
}

async function runInFreshHome(run: ClientRun, gatewayUrl: string, project: string, prompt: string): Promise<Outcome> {
  const home = path.join(run.folder, 'home');
  await mkdir(home);
  const { binary, scenario } = run;
  const workplace = { binary, home, project, gatewayUrl, key, prompt, thinking: scenario.reasoning };
  const command = await run.client.prepare(workplace);
  return runCommand(command, timeLimitMs, run.folder);
}

function findOutcomeFaults(client: Client, outcome: Outcome, task: Task, scenario: Scenario): string[] {
  const faults = [...task.faults];
  if (outcome.timedOut) return [...faults, `It was not done within ${timeLimitMs / 1000} s.`];
  if (outcome.exitCode !== 0) faults.push(`It ended with ${outcome.exitCode}.`);
  try {
    const shown = client.finalTextOf(outcome);
    if (shown !== task.finalText) faults.push(`It shows ${JSON.stringify(shown)} as the last words.`);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  if (scenario.reasoning && !replayedReasoning(task)) {
    faults.push('No request carried the earlier reasoning back to the model.');
  }
  return faults;
}

function section(title: string, text: string): string {
  return `--- ${title} ---\n${text.slice(-tailLength).trimEnd()}`;
}
