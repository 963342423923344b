import assert from 'node:assert/strict';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import {
  keysOf,
  lacksKey,
  loadClientKey,
  loadSecrets,
  readEnvironmentKeys,
  saveUpstreamKeys,
} from '../../../app/service/secrets.ts';
import { defaultSettings, settingsSchema } from '../../../proxy/contract/settings.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const noWarning = (message: string): never => assert.fail(`unexpected warning: ${message}`);
const none = readEnvironmentKeys({});
const onPosix = { skip: process.platform === 'win32' && 'Windows keeps no such modes' };

describe('keys', () => {
  it('come from the environment: several for the primary upstream, one for clients', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const environment = readEnvironmentKeys({ OPENAI_API_KEY: ' one, two,,one ', ANTHROPIC_API_KEY: ' client ' });
    const secrets = await loadSecrets(folder, defaultSettings(), environment, noWarning);
    assert.deepEqual(secrets, { clientKey: 'client', upstreamKeys: { cloudru: ['one', 'two'] } });
    assert.deepEqual(keysOf(secrets), ['client', 'one', 'two']);
    assert.deepEqual(await readdir(folder), [], 'keys of the environment are not written down');
  });

  it('of the environment win over those of keys.json, upstream by upstream', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = { clientKey: 'kept', upstreams: { cloudru: ['old'], other: ['theirs'] } };
    await writeFile(path.join(folder, 'keys.json'), JSON.stringify(file), { mode: 0o600 });
    assert.deepEqual(await loadSecrets(folder, defaultSettings(), none, noWarning), {
      clientKey: 'kept',
      upstreamKeys: { cloudru: ['old'], other: ['theirs'] },
    });
    const environment = readEnvironmentKeys({ OPENAI_API_KEY: 'new', ANTHROPIC_API_KEY: 'given' });
    assert.deepEqual(await loadSecrets(folder, defaultSettings(), environment, noWarning), {
      clientKey: 'given',
      upstreamKeys: { cloudru: ['new'], other: ['theirs'] },
    });
  });

  it('of the environment go to the primary upstream only', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const settings = settingsSchema.parse({
      upstreams: [
        { id: 'local', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' },
        { id: 'cloudru', kind: 'cloudru', baseUrl: 'https://a.cloud.ru/v1' },
      ],
    });
    const environment = readEnvironmentKeys({ OPENAI_API_KEY: 'k' });
    const { upstreamKeys } = await loadSecrets(folder, settings, environment, noWarning);
    assert.deepEqual(upstreamKeys, { local: ['k'] });
  });

  it('that no header can carry are refused without being quoted', () => {
    for (const name of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY'])
      for (const key of ['zq xw', 'zqключ', 'zq\u00a0xw'])
        assert.throws(
          () => readEnvironmentKeys({ [name]: key }),
          (error: Error) => error.message.startsWith(name) && !/zq|xw/.test(error.message),
        );
  });

  it('for clients are made once, kept, and the same for whoever asks', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const [first, ...others] = await Promise.all(
      Array.from({ length: 8 }, () => loadClientKey(folder, none, noWarning)),
    );
    assert.match(first ?? '', /^strelka-[A-Za-z0-9_-]{32}$/);
    for (const other of others) assert.equal(other, first);
    assert.equal((await loadSecrets(folder, defaultSettings(), none, noWarning)).clientKey, first);
    assert.deepEqual(await readdir(folder), ['keys.json'], 'no draft is left behind');
    const elsewhere = await makeTemporaryFolder(test);
    assert.notEqual(await loadClientKey(elsewhere, none, noWarning), first);
  });

  it('are kept in a file of the owner only', onPosix, async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = path.join(folder, 'keys.json');
    await loadClientKey(folder, none, noWarning);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await saveUpstreamKeys(folder, 'cloudru', 'k');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('that others could read are told of and tightened', onPosix, async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = path.join(folder, 'keys.json');
    await writeFile(file, '{"clientKey": "zqxw"}');
    await chmod(file, 0o644);
    const warnings: string[] = [];
    assert.equal(await loadClientKey(folder, none, (message) => warnings.push(message)), 'zqxw');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(warnings.join('\n'), /keys\.json could be read by others/);
    assert.doesNotMatch(warnings.join('\n'), /zqxw/);
  });

  it('of an upstream are put in place of its old ones, and all else stays', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const clientKey = await loadClientKey(folder, none, noWarning);
    await saveUpstreamKeys(folder, 'other', 'theirs');
    await saveUpstreamKeys(folder, 'cloudru', 'old');
    assert.equal(await saveUpstreamKeys(folder, 'cloudru', 'one\ntwo,three\r\n'), 3);
    assert.deepEqual(JSON.parse(await readFile(path.join(folder, 'keys.json'), 'utf8')), {
      clientKey,
      upstreams: { other: ['theirs'], cloudru: ['one', 'two', 'three'] },
    });
  });

  it('are not saved where none came or it cannot be sent', async (test) => {
    const folder = await makeTemporaryFolder(test);
    await assert.rejects(saveUpstreamKeys(folder, 'cloudru', ' \n'), /No key came/);
    await assert.rejects(saveUpstreamKeys(folder, 'cloudru', 'zq xw'), (error: Error) => !/zq|xw/.test(error.message));
    assert.deepEqual(await readdir(folder), []);
  });

  for (const text of [
    '{"clientKey": "zqxw"',
    '{"clientKey": 5, "zqxw": 1}',
    '{"upstreams": {"cloudru": "zqxw"}}',
    'zqxw',
    '[]',
  ])
    it(`in a broken file are neither moved nor overwritten nor quoted: ${text}`, async (test) => {
      const folder = await makeTemporaryFolder(test);
      const file = path.join(folder, 'keys.json');
      await writeFile(file, text, { mode: 0o600 });
      const refused = (error: Error): boolean => /keys\.json/.test(error.message) && !/zqxw/.test(error.message);
      await assert.rejects(loadSecrets(folder, defaultSettings(), none, noWarning), refused);
      await assert.rejects(saveUpstreamKeys(folder, 'cloudru', 'k'), refused);
      assert.equal(await readFile(file, 'utf8'), text);
    });
});

describe('demo', () => {
  it('is needed where cloud.ru comes first and has no key', () => {
    const elsewhere = settingsSchema.parse({
      upstreams: [{ id: 'openai', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' }],
    });
    const keyless = { clientKey: 'c', upstreamKeys: {} };
    assert.equal(lacksKey(defaultSettings(), keyless), true);
    assert.equal(lacksKey(defaultSettings(), { clientKey: 'c', upstreamKeys: { other: ['k'] } }), true);
    assert.equal(lacksKey(defaultSettings(), { clientKey: 'c', upstreamKeys: { cloudru: ['k'] } }), false);
    assert.equal(lacksKey(elsewhere, keyless), false);
  });
});
