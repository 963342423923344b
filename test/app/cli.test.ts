import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { statusSchema } from '../../proxy/contract/status.ts';
import { cli, runStrelka, type StrelkaProcess } from './strelka-process.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const onPosix = { skip: process.platform === 'win32' && 'Windows has no signals to send' };

function portOf(server: Server): number {
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

function ask(url: string, key: string, body: object): Promise<Response> {
  return fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-5',
      max_tokens: 64,
      messages: [{ role: 'user', content: 'hi' }],
      ...body,
    }),
  });
}

async function serve(
  test: TestContext,
  folder: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<{ strelka: StrelkaProcess; url: string; key: string }> {
  const strelka = runStrelka(test, ['serve', '--port', '0', '--data', folder], environment);
  const { url } = await strelka.ready();
  const printed = runStrelka(test, ['key', '--data', folder], environment);
  assert.equal(await printed.ended(), 0, printed.stderr());
  return { strelka, url, key: printed.stdout().trim() };
}

describe('strelka serve', () => {
  it('says where it listens in the one line on stdout, answers, and ends with 0 on SIGTERM', onPosix, async (test) => {
    const folder = path.join(await makeTemporaryFolder(test), 'data');
    const { strelka, url, key } = await serve(test, folder);
    const ready = await strelka.ready();
    assert.deepEqual(Object.keys(ready), ['event', 'url', 'dashboard', 'pid']);
    assert.deepEqual([ready.event, ready.dashboard, ready.pid], ['listening', null, strelka.child.pid]);
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    await strelka.says(/No cloud\.ru key: answers are simulated \(demo\)\. Set OPENAI_API_KEY/);

    assert.equal((await fetch(`${url}/health`)).status, 200);
    const answer = await ask(url, key, {});
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.equal((await ask(url, 'not-the-key', {})).status, 401);

    strelka.child.kill('SIGTERM');
    assert.equal(await strelka.ended(), 0, strelka.stderr());
    assert.equal(strelka.stdout().split('\n').length, 2, 'stdout held the ready line only');
    assert.ok(!strelka.stderr().includes(key), 'the client key is not logged');
  });

  it('lives on when the pipes it was started with are closed', onPosix, async (test) => {
    const folder = await makeTemporaryFolder(test);
    const { strelka, url, key } = await serve(test, folder, { LOG_LEVEL: 'debug' });
    strelka.child.stdout?.destroy();
    strelka.child.stderr?.destroy();
    await writeFile(path.join(folder, 'settings.json'), '{"mode": "cloud"}');
    assert.equal((await ask(url, key, {})).status, 200);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    strelka.child.kill('SIGINT');
    assert.equal(await strelka.ended(), 0);
  });

  it('waits for an exchange in flight, and ends at once on a second signal', onPosix, async (test) => {
    const folder = await makeTemporaryFolder(test);
    // An upstream that takes the request and never answers.
    const upstream = createHttpServer().listen(0, '127.0.0.1');
    test.after(() => {
      upstream.closeAllConnections();
      upstream.close();
    });
    await once(upstream, 'listening');
    const asked = new Promise<void>((resolve) => {
      upstream.on('request', (request) => {
        if (request.method === 'POST') resolve();
      });
    });
    const address = `http://127.0.0.1:${portOf(upstream)}/v1`;
    const { strelka, url, key } = await serve(test, folder, { OPENAI_BASE_URL: address });
    const answer = ask(url, key, { stream: true }).then(
      () => 'answered',
      () => 'broken off',
    );
    await asked;
    strelka.child.kill('SIGTERM');
    await strelka.says(/SIGTERM/);
    assert.equal(strelka.child.exitCode, null);
    strelka.child.kill('SIGTERM');
    assert.equal(await strelka.ended(), 143, strelka.stderr());
    assert.equal(await answer, 'broken off');
  });

  it('keeps a broken settings.json aside, names it and runs', onPosix, async (test) => {
    const folder = await makeTemporaryFolder(test);
    await writeFile(path.join(folder, 'settings.json'), '{"server": {"prot": 1}}');
    const { strelka, url } = await serve(test, folder);
    await strelka.says(/settings\.json is broken: server: .+prot.+settings\.broken-/);
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });

  it('ends when the npm that ran it is gone', onPosix, async (test) => {
    const folder = await makeTemporaryFolder(test);
    // A shell that passes no signal on, as npm's may be.
    const words = [process.execPath, cli, 'serve', '--port', '0', '--data', folder].map((word) => `'${word}'`);
    const shell = spawn('sh', ['-c', `${words.join(' ')}; true`], {
      env: { PATH: process.env.PATH, npm_lifecycle_event: 'strelka' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(shell.stdout, 'data');
    shell.kill('SIGKILL');
    // The pipe closes when the last process that holds it has ended.
    await once(shell, 'close');
  });

  const refused: Record<string, [environment: NodeJS.ProcessEnv, names: RegExp]> = {
    'a bad PORT': [{ PORT: 'abc' }, /PORT must be a whole number.+"abc"/],
    'a bad OPENAI_BASE_URL': [{ OPENAI_BASE_URL: 'foo' }, /OPENAI_BASE_URL must be an http/],
    'an address with a password': [{ OPENAI_BASE_URL: 'http://user:zqxw@h/v1' }, /OPENAI_BASE_URL must be/],
    'a bad STRELKA_MODE': [{ STRELKA_MODE: 'x' }, /STRELKA_MODE must be auto, cloud or local/],
    'a key with a space': [{ OPENAI_API_KEY: 'zqxw zqxw' }, /OPENAI_API_KEY holds/],
    'a host that is not there': [{ HOST: '192.0.2.1' }, /"192\.0\.2\.1".+HOST/],
    'limits that contradict': [{ MIN_TOKENS_LIMIT: '9', MAX_TOKENS_LIMIT: '8' }, /MIN_TOKENS_LIMIT.+MAX_TOKENS_LIMIT/],
  };
  for (const [title, [environment, names]] of Object.entries(refused))
    it(`refuses ${title} with 1 and one line`, async (test) => {
      const folder = await makeTemporaryFolder(test);
      const strelka = runStrelka(test, ['serve', '--data', folder], { PORT: '0', ...environment });
      assert.equal(await strelka.ended(), 1, strelka.stderr());
      assert.match(strelka.stderr(), names);
      assert.match(strelka.stderr(), /^strelka: [^\n]+\n$/);
      assert.doesNotMatch(strelka.stderr(), /zqxw/);
      assert.equal(strelka.stdout(), '');
    });

  it('refuses a port in use with 1 and one line that names the port and the mend', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    test.after(() => other.close());
    const port = portOf(other);
    const strelka = runStrelka(test, ['serve', '--port', String(port), '--data', folder]);
    assert.equal(await strelka.ended(), 1);
    assert.match(strelka.stderr(), new RegExp(`^strelka: Port ${port} .+--port[^\\n]+\\n$`));
    assert.equal(strelka.stdout(), '');
  });
});

describe('strelka', () => {
  it('answers wrong usage with 2 and the usage on stderr', async (test) => {
    for (const words of [
      [],
      ['logs'],
      ['mode', 'x'],
      ['serve', '--colour'],
      ['serve', '--port', 'x'],
      ['key', 'set'],
    ]) {
      const strelka = runStrelka(test, words);
      assert.equal(await strelka.ended(), 2, words.join(' '));
      assert.match(strelka.stderr(), /^strelka: .+\n\nUsage:\n/);
      assert.equal(strelka.stdout(), '');
    }
  });

  it('prints help and version', async (test) => {
    const help = runStrelka(test, ['--help']);
    assert.equal(await help.ended(), 0);
    assert.match(help.stdout(), /^Usage:\n +strelka serve/);
    const version = runStrelka(test, ['--version']);
    assert.equal(await version.ended(), 0);
    const manifest = JSON.parse(await readFile(path.join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
    assert.equal(version.stdout(), `${manifest.version}\n`);
  });
});

describe('strelka key', () => {
  it("prints the same key each time, and the environment's where that has one", async (test) => {
    const folder = await makeTemporaryFolder(test);
    const prints = async (environment: NodeJS.ProcessEnv): Promise<string> => {
      const strelka = runStrelka(test, ['key', '--data', folder], environment);
      assert.equal(await strelka.ended(), 0, strelka.stderr());
      assert.equal(strelka.stderr(), '');
      return strelka.stdout();
    };
    const made = await prints({});
    assert.match(made, /^strelka-[A-Za-z0-9_-]{32}\n$/);
    assert.equal(await prints({ STRELKA_HOME: '/nowhere' }), made);
    assert.equal(await prints({ ANTHROPIC_API_KEY: 'mine' }), 'mine\n');
  });

  it('set keeps the key from standard input and never prints it', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const strelka = runStrelka(test, ['key', 'set', 'cloudru', '--data', folder], {}, 'zqxwzqxw\n');
    assert.equal(await strelka.ended(), 0, strelka.stderr());
    assert.doesNotMatch(strelka.stdout() + strelka.stderr(), /zqxw/);
    assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'keys.json'), 'utf8')), {
      upstreams: { cloudru: ['zqxwzqxw'] },
    });
    const empty = runStrelka(test, ['key', 'set', 'cloudru', '--data', folder]);
    assert.equal(await empty.ended(), 1);
    assert.match(empty.stderr(), /^strelka: No key came[^\n]+\n$/);
  });
});

describe('strelka status and mode', () => {
  it('tell and steer the running service, and the mode is kept', onPosix, async (test) => {
    const folder = path.join(await makeTemporaryFolder(test), 'data');
    const { url, strelka } = await serve(test, folder);
    const asked = runStrelka(test, ['status', '--json', '--data', folder]);
    assert.equal(await asked.ended(), 0, asked.stderr());
    const status = statusSchema.parse(JSON.parse(asked.stdout()));
    assert.deepEqual([status.mode, status.state, status.url, status.demo], ['auto', 'healthy', url, true]);
    assert.ok(status.targets.some(({ upstream }) => upstream === 'cloudru'));

    const told = runStrelka(test, ['mode', 'cloud', '--data', folder]);
    assert.equal(await told.ended(), 0, told.stderr());
    assert.equal(told.stdout(), 'The mode is cloud.\n');
    assert.equal(((await (await fetch(`${url}/health`)).json()) as { mode: string }).mode, 'cloud');
    const words = runStrelka(test, ['status', '--data', folder]);
    assert.equal(await words.ended(), 0, words.stderr());
    assert.match(words.stdout(), /Mode: cloud\./);

    strelka.child.kill('SIGTERM');
    assert.equal(await strelka.ended(), 0);
    const later = runStrelka(test, ['status', '--data', folder]);
    assert.equal(await later.ended(), 1);
    assert.match(later.stderr(), /^strelka: No Strelka runs on .+Start it with.+\n$/);
    const offline = runStrelka(test, ['mode', 'local', '--data', folder]);
    assert.equal(await offline.ended(), 0, offline.stderr());
    assert.equal(JSON.parse(await readFile(path.join(folder, 'settings.json'), 'utf8')).mode, 'local');
  });

  it('refuse a mode that the environment sets', onPosix, async (test) => {
    const folder = path.join(await makeTemporaryFolder(test), 'data');
    await serve(test, folder, { STRELKA_MODE: 'cloud' });
    const told = runStrelka(test, ['mode', 'auto', '--data', folder]);
    assert.equal(await told.ended(), 1);
    assert.match(told.stderr(), /STRELKA_MODE/);
  });
});
