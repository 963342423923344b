import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Outcome, runCommand } from './process.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'strelka-process-'));
});
after(() => rm(folder, { recursive: true, force: true }));

function runNode(code: string, timeoutMs: number): Promise<Outcome> {
  const command = { command: process.execPath, args: ['-e', code], cwd: folder, env: process.env };
  return runCommand(command, timeoutMs, folder);
}

/** A process that has ended may stay as a zombie where nobody reaps it. */
function lives(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}

describe('running a client', () => {
  it('tells exit code and both outputs', async () => {
    assert.deepEqual(await runNode("console.log('out'); console.error('err'); process.exitCode = 3", 60_000), {
      exitCode: 3,
      timedOut: false,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('kills on time-out what went on in a session of its own', { skip: process.platform !== 'linux' }, async () => {
    const code = `
      const { spawn } = require('node:child_process');
      const stray = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'inherit' });
      require('node:fs').writeSync(1, String(stray.pid));
      setInterval(() => {}, 1000);`;
    const outcome = await runNode(code, 2_000);
    assert.deepEqual([outcome.timedOut, outcome.exitCode], [true, null]);
    const stray = Number(outcome.stdout);
    assert.ok(stray > 0);
    // SIGKILL is certain, but not done when it is sent.
    while (lives(stray)) await new Promise(setImmediate);
  });

  it('fails where the command is not there', async () => {
    const command = { command: path.join(folder, 'missing'), args: [], cwd: folder, env: {} };
    await assert.rejects(runCommand(command, 60_000, folder), /ENOENT/);
  });
});
