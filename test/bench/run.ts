/**
 * Measures the gateway against the passthrough, both on the same simulated upstream, in one run on one machine; only the
 * ratios count (../shared/bench/README.md). Usage: npm run bench [-- FOLDER_WITH_THE_BENCH_PROGRAMS]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.join(import.meta.dirname, '../..');
const programs = path.resolve(process.argv[2] ?? path.join(root, '../shared/bench'));
const key = 'bench';
const children: ChildProcess[] = [];

interface Figures {
  bad: number;
  total_p50: number;
  ttfb_p50: number;
  rps: number;
  tok_s: number;
  cpu_ms_per_req: number;
  rss_mb: number;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts a program and waits for its first line. */
async function start(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<{ pid: number; line: string }> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { pid: child.pid ?? 0, line };
}

interface Load {
  url: string;
  concurrency: number;
  requests: number;
  tokens: number;
  pid?: number;
}

/** @param kind the passthrough and the upstream speak chat completions */
async function load(kind: 'anthropic' | 'openai', { url, concurrency, requests, tokens, pid }: Load): Promise<Figures> {
  const args = [url, kind, concurrency, requests, tokens, 1, pid ?? 0, 60, key].map(String);
  const child = spawn(process.execPath, [path.join(programs, 'load.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  for await (const piece of child.stdout) text += piece;
  return JSON.parse(text);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measure(gateway: { url: string; pid: number }, floorUrl: string, upstreamUrl: string): Promise<void> {
  const rounds = 3;
  const single: number[] = [];
  const parallel: number[] = [];
  const streams: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = { concurrency: 1, requests: 300, tokens: 1 };
    const direct = (await load('openai', { url: upstreamUrl, ...one })).total_p50;
    const floor = (await load('openai', { url: floorUrl, ...one })).total_p50;
    const ours = (await load('anthropic', { url: gateway.url, ...one })).total_p50;
    single.push((ours - direct) / (floor - direct));
    print(`one at a time, p50 ms: direct ${direct}, passthrough ${floor}, gateway ${ours}`);

    const many = { concurrency: 16, requests: 3000, tokens: 1 };
    const floorRate = (await load('openai', { url: floorUrl, ...many })).rps;
    const ourRate = (await load('anthropic', { url: gateway.url, ...many })).rps;
    parallel.push(ourRate / floorRate);
    print(`16 at a time, requests/s: passthrough ${floorRate}, gateway ${ourRate}`);

    const long = { concurrency: 8, requests: 80, tokens: 2000 };
    const floorTokens = (await load('openai', { url: floorUrl, ...long })).tok_s;
    const ourTokens = (await load('anthropic', { url: gateway.url, ...long })).tok_s;
    streams.push(ourTokens / floorTokens);
    print(`8 streams of 2000 tokens, tokens/s: passthrough ${floorTokens}, gateway ${ourTokens}`);
  }
  print(`added time per request: ${median(single).toFixed(2)} times the passthrough's own (at most 2.5)`);
  print(`16 at a time: ${(median(parallel) * 100).toFixed(0)} % of the passthrough's requests/s (at least 50)`);
  print(`8 streams: ${(median(streams) * 100).toFixed(0)} % of the passthrough's tokens/s (at least 60)`);
}

async function measureMemory(gateway: { url: string; pid: number }): Promise<void> {
  const options = { url: gateway.url, concurrency: 16, tokens: 20, pid: gateway.pid };
  const early = (await load('anthropic', { ...options, requests: 1000 })).rss_mb;
  const late = (await load('anthropic', { ...options, requests: 9000 })).rss_mb;
  print(`memory: ${early} MB after 1,000 requests, ${late} MB after 10,000: ${late - early} MB more (at most 40)`);
}

async function main(): Promise<void> {
  await stat(path.join(programs, 'load.mjs'));
  const folder = await mkdtemp(path.join(tmpdir(), 'strelka-bench-'));
  try {
    const upstreamPort = await freePort();
    const floorPort = await freePort();
    await start([path.join(programs, 'upstream.mjs'), String(upstreamPort)]);
    await start([path.join(programs, 'passthrough.mjs'), String(floorPort), String(upstreamPort)]);
    const gatewayArgs = ['--max-semi-space-size=16', 'app/cli.ts', 'serve', '--port', '0', '--data', folder];
    const environment = {
      OPENAI_BASE_URL: `http://127.0.0.1:${upstreamPort}/v1`,
      OPENAI_API_KEY: 'upstream',
      ANTHROPIC_API_KEY: key,
      RATE_LIMIT_RPS: '0',
    };
    const fresh = await start(gatewayArgs, environment);
    await measureMemory({ url: `${JSON.parse(fresh.line).url}/v1/messages`, pid: fresh.pid });
    const { line, pid } = await start(gatewayArgs, environment);
    await measure(
      { url: `${JSON.parse(line).url}/v1/messages`, pid },
      `http://127.0.0.1:${floorPort}/v1/chat/completions`,
      `http://127.0.0.1:${upstreamPort}/v1/chat/completions`,
    );
  } finally {
    for (const child of children) child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
