import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { askService, NotRunning } from '../../../app/control-client.ts';
import { controlAddress } from '../../../app/service/control-address.ts';
import { type ControlServer, startControl } from '../../../app/service/control-server.ts';
import { StrelkaError } from '../../../proxy/errors.ts';

let folder: string;
let control: ControlServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'strelka-control-'));
});

afterEach(async () => {
  await control?.close();
  control = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(answer: (command: string, values: unknown) => Promise<unknown>): Promise<void> {
  control = await startControl({ address: controlAddress(folder), answer });
}

describe('the control socket', () => {
  it('carries a command and its result', async () => {
    await start(async (command, values) => ({ command, values }));
    assert.deepEqual(await askService(folder, 'mode', { mode: 'local' }), {
      command: 'mode',
      values: { mode: 'local' },
    });
  });

  it('carries a refusal with its sentence', async () => {
    await start(async () => {
      throw new StrelkaError('invalid-request', 'No such thing.');
    });
    await assert.rejects(
      askService(folder, 'x'),
      (error: Error) => error instanceof StrelkaError && error.message === 'No such thing.',
    );
  });

  it('is open to its owner only', { skip: process.platform === 'win32' && 'pipes have no mode' }, async () => {
    await start(async () => null);
    assert.equal((await stat(controlAddress(folder))).mode & 0o777, 0o600);
  });

  it('says that nothing runs where nothing listens', async () => {
    await assert.rejects(askService(folder, 'status'), NotRunning);
  });

  it('takes the place of a socket that a killed service left', {
    skip: process.platform === 'win32' && 'pipes leave nothing',
  }, async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(controlAddress(folder))}, () => console.log())`;
    const killed = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'close');
    assert.ok((await stat(controlAddress(folder))).isSocket());
    await assert.rejects(askService(folder, 'status'), NotRunning);
    await start(async () => 'here');
    assert.equal(await askService(folder, 'status'), 'here');
  });

  it('refuses a second service on the same folder and leaves the first alone', async () => {
    await start(async () => 'first');
    await assert.rejects(
      startControl({ address: controlAddress(folder), answer: async () => 'second' }),
      /another Strelka/,
    );
    assert.equal(await askService(folder, 'status'), 'first');
  });

  it('stays within the length of a socket path', () => {
    const deep = path.join(tmpdir(), 'x'.repeat(200));
    assert.ok(Buffer.byteLength(controlAddress(deep)) <= 103);
    assert.equal(controlAddress(deep), controlAddress(`${deep}/.`));
    assert.notEqual(controlAddress(deep), controlAddress(`${deep}y`));
    assert.match(controlAddress(deep, 'win32'), /^\\\\\.\\pipe\\strelka-/);
  });
});
