import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createLog } from '../../../app/service/log.ts';
import { type Service, startService } from '../../../app/service/service.ts';
import type { Settings } from '../../../proxy/contract/settings.ts';
import type { Status } from '../../../proxy/contract/status.ts';
import type { GatewayOptions, Secrets } from '../../../proxy/start.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

/** A gateway that listens nowhere: it emits what it is told. */
class FakeGateway extends EventEmitter {
  options: GatewayOptions | undefined;
  drained: number[] = [];
  readonly start = (options: GatewayOptions) => {
    this.options = options;
    return Promise.resolve({
      url: 'http://127.0.0.1:1',
      port: 1,
      apply: (settings: Settings, secrets: Secrets) => {
        this.emit('apply', settings, secrets);
        return Promise.resolve();
      },
      status: (): Status => {
        throw new Error('this gateway has no status');
      },
      check: () => Promise.resolve(),
      suspend: () => undefined,
      resume: () => undefined,
      drain: (milliseconds: number) => {
        this.drained.push(milliseconds);
        return Promise.resolve();
      },
    });
  };
}

interface Started {
  service: Service;
  gateway: FakeGateway;
  lines: string[];
  /** Resolves with the first line, past or future, that matches. */
  line(pattern: RegExp): Promise<string>;
  write(settings: unknown): Promise<void>;
}

async function start(
  test: TestContext,
  folder: string,
  environment: NodeJS.ProcessEnv = {},
  demo = false,
): Promise<Started> {
  const gateway = new FakeGateway();
  const lines: string[] = [];
  const written = new EventEmitter();
  const log = createLog({
    level: 'info',
    write: (line) => {
      lines.push(line);
      written.emit('line');
    },
  });
  const flags = { demo };
  const service = await startService({ folder, environment, flags, version: '1', log, startGateway: gateway.start });
  test.after(() => service.stop(0));
  return {
    service,
    gateway,
    lines,
    line: async (pattern) => {
      for (;;) {
        const found = lines.find((line) => pattern.test(line));
        if (found !== undefined) return found;
        await once(written, 'line');
      }
    },
    // As editors do: a new file in place of the old one.
    write: async (settings) => {
      const draft = path.join(folder, 'draft');
      await writeFile(draft, typeof settings === 'string' ? settings : JSON.stringify(settings));
      await rename(draft, path.join(folder, 'settings.json'));
    },
  };
}

function nextApply(gateway: FakeGateway): Promise<{ settings: Settings; secrets: Secrets }> {
  return new Promise((resolve) => {
    gateway.once('apply', (settings: Settings, secrets: Secrets) => resolve({ settings, secrets }));
  });
}

describe('the service', () => {
  it('starts the gateway on file, environment and keys, and drains it', async (test) => {
    const folder = await makeTemporaryFolder(test);
    await writeFile(path.join(folder, 'settings.json'), '{"mode": "cloud", "server": {"port": 5}}');
    const environment = { PORT: '7', OPENAI_API_KEY: 'upstream-key', ANTHROPIC_API_KEY: 'client-key' };
    const { service, gateway } = await start(test, folder, environment);
    assert.equal(gateway.options?.settings.mode, 'cloud');
    assert.equal(gateway.options?.settings.server.port, 7);
    assert.deepEqual(gateway.options?.secrets, {
      clientKey: 'client-key',
      upstreamKeys: { cloudru: ['upstream-key'] },
    });
    assert.equal(gateway.options?.demo, false);
    assert.equal(service.demo, false);
    await service.stop(3000);
    assert.deepEqual(gateway.drained, [3000]);
  });

  it('simulates without a cloud.ru key and when told to, and not on another upstream', async (test) => {
    const folder = await makeTemporaryFolder(test);
    assert.equal((await start(test, folder)).gateway.options?.demo, true);
    assert.equal((await start(test, folder, { OPENAI_API_KEY: 'k' })).gateway.options?.demo, false);
    assert.equal((await start(test, folder, { OPENAI_API_KEY: 'k' }, true)).gateway.options?.demo, true);
    assert.equal(
      (await start(test, folder, { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).gateway.options?.demo,
      false,
    );
  });

  it('applies an edit of settings.json, and the environment stays on top', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const { gateway, write, line } = await start(test, folder, { BIG_MODEL: 'fixed' });
    const applied = nextApply(gateway);
    await write({ mapping: { big: [{ model: 'b' }], small: [{ model: 's' }] }, limits: { maxTokens: 9 } });
    const { settings } = await applied;
    assert.deepEqual(settings.mapping.small, [{ model: 's' }]);
    assert.deepEqual(settings.mapping.big, [{ model: 'fixed' }]);
    assert.equal(settings.limits.maxTokens, 9);
    await line(/in force\. changed="mapping, limits"/);
  });

  it('applies a new log level to its own log', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const { gateway, write, lines, line } = await start(test, folder);
    const first = nextApply(gateway);
    await write({ log: { level: 'error' } });
    await first;
    const second = nextApply(gateway);
    await write({ log: { level: 'info' }, mode: 'local' });
    await second;
    await line(/changed="mode, log"|changed="log, mode"/);
    assert.equal(lines.filter((text) => text.includes('in force')).length, 1, 'the first one was told at level error');
  });

  it('applies new keys, and masks them from then on', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const { gateway, line } = await start(test, folder, { ANTHROPIC_API_KEY: 'client-key' });
    const applied = nextApply(gateway);
    await writeFile(path.join(folder, 'keys.json'), '{"upstreams": {"cloudru": ["zqxwzqxw"]}}', { mode: 0o600 });
    assert.deepEqual((await applied).secrets.upstreamKeys, { cloudru: ['zqxwzqxw'] });
    await line(/changed=keys/);
    gateway.options?.log.info('the key is zqxwzqxw');
    assert.match(await line(/the key is/), /the key is \*\*\*\n/);
  });

  it('keeps the last good settings when an edit is broken, says so, and goes on with the next good one', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const { gateway, write, line } = await start(test, folder);
    const applied: Settings[] = [];
    gateway.on('apply', (settings: Settings) => applied.push(settings));
    await write('{"mode": "cl');
    await line(/settings\.json is broken.+The settings in force stay\./);
    await write({ version: 99 });
    await line(/version 99.+The settings in force stay\./);
    await write({ mapping: { big: [{ upstream: 'nowhere', model: 'm' }] } });
    await line(/"nowhere".+The settings in force stay\./);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name !== 'control.sock').sort(),
      ['keys.json', 'settings.json'],
      'nothing was moved',
    );
    const next = nextApply(gateway);
    await write({ mode: 'cloud' });
    assert.equal((await next).settings.mode, 'cloud');
    assert.equal(applied.length, 1);
  });

  it('goes back to the defaults when settings.json is removed', async (test) => {
    const folder = await makeTemporaryFolder(test);
    await writeFile(path.join(folder, 'settings.json'), '{"mode": "cloud"}');
    const { gateway } = await start(test, folder);
    const applied = nextApply(gateway);
    await rm(path.join(folder, 'settings.json'));
    assert.equal((await applied).settings.mode, 'auto');
  });

  it('says that a new port needs a restart, and applies the rest', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const { gateway, write, line } = await start(test, folder);
    const applied = nextApply(gateway);
    await write({ server: { port: 9999 }, mode: 'cloud' });
    assert.equal((await applied).settings.mode, 'cloud');
    await line(/warn.+server\.port.+restart/);
  });

  for (const [code, expected] of Object.entries({
    EADDRINUSE: /Port 8082 on 127\.0\.0\.1 is in use.+--port, PORT or server\.port/,
    EACCES: /Port 8082.+rights.+--port, PORT or server\.port/,
    EADDRNOTAVAIL: /no address "127\.0\.0\.1".+--host, HOST or server\.host/,
    ENOTFOUND: /no address "127\.0\.0\.1".+--host, HOST or server\.host/,
  }))
    it(`names the setting and the mend where listening fails with ${code}`, async (test) => {
      const folder = await makeTemporaryFolder(test);
      const log = createLog({ level: 'info', write: () => undefined });
      const startGateway = () => Promise.reject(Object.assign(new Error(code), { code }));
      const options = { folder, environment: {}, flags: { demo: false }, version: '1', log, startGateway };
      await assert.rejects(startService(options), expected);
    });
});
