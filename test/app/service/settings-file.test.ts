import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { changeSettings, loadSettings, parseSettings, reloadSettings } from '../../../app/service/settings-file.ts';
import { defaultSettings } from '../../../proxy/contract/settings.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const noWarning = (message: string): never => assert.fail(`unexpected warning: ${message}`);

/** Text of a settings.json that cannot be used, and what its report must name. */
const broken: Record<string, [text: string, names: RegExp]> = {
  'an empty file': ['', /not valid JSON/],
  'half a file': ['{"server": {"port": 80', /not valid JSON/],
  'a trailing comma': ['{\n  "mode": "auto",\n}', /not valid JSON \(line 3 column 1\)/],
  'a list': ['[]', /not a JSON object/],
  null: ['null', /not a JSON object/],
  'a wrong type': ['{"server": {"port": "abc"}}', /server\.port/],
  'a number out of range': ['{"server": {"port": 70000}}', /server\.port/],
  'a misspelt name': ['{"sever": {}}', /sever/],
  'a misspelt name below': ['{"timeouts": {"idle": 3}}', /timeouts.+idle/],
  'a wrong item in a list': ['{"mapping": {"big": [{"model": "a"}, {"model": ""}]}}', /mapping\.big\[1\]\.model/],
  'no upstream at all': ['{"upstreams": []}', /upstreams/],
  'an address that is none': [
    '{"upstreams": [{"id": "a", "kind": "cloudru", "baseUrl": "foo"}]}',
    /upstreams\[0\]\.baseUrl/,
  ],
  'an address with a password': [
    '{"upstreams": [{"id": "a", "kind": "cloudru", "baseUrl": "http://u:zqxw@h/v1"}]}',
    /upstreams\[0\]\.baseUrl/,
  ],
  'a header that cannot be sent': [
    '{"upstreams": [{"id": "a", "kind": "cloudru", "baseUrl": "http://h/v1", "headers": {"X-A": "zq\\nxw"}}]}',
    /upstreams\[0\]\.headers: "X-A"/,
  ],
  'one id twice': [
    '{"upstreams": [{"id": "a", "kind": "cloudru", "baseUrl": "http://h"}, {"id": "a", "kind": "cloudru", "baseUrl": "http://i"}]}',
    /upstreams\[1\]\.id: "a"/,
  ],
  'limits that contradict each other': [
    '{"limits": {"minTokens": 9, "maxTokens": 8}}',
    /limits\.minTokens.+limits\.maxTokens/,
  ],
  'a version that is none': ['{"version": "1"}', /version/],
  'version 0': ['{"version": 0}', /version/],
};

describe('settings.json', () => {
  it('is not needed and not made: defaults hold without it', async (test) => {
    const folder = await makeTemporaryFolder(test);
    assert.deepEqual(await loadSettings(folder, noWarning), defaultSettings());
    assert.deepEqual(await reloadSettings(folder), defaultSettings());
    assert.deepEqual(await readdir(folder), []);
  });

  it('needs to name only what differs, and may begin with a byte order mark', () => {
    for (const text of ['{"mode": "local"}', '\uFEFF{"version": 1, "mode": "local"}\r\n']) {
      const parsed = parseSettings(text);
      assert.deepEqual(parsed, { state: 'sound', settings: { ...defaultSettings(), mode: 'local' } });
    }
  });

  it('comes back as it was saved, for its owner only', async (test) => {
    const folder = await makeTemporaryFolder(test);
    await changeSettings(folder, { mode: 'cloud' });
    await changeSettings(folder, { mode: 'local' });
    assert.deepEqual(await loadSettings(folder, noWarning), { ...defaultSettings(), mode: 'local' });
    assert.deepEqual(await readdir(folder), ['settings.json']);
    if (process.platform !== 'win32')
      assert.equal((await stat(path.join(folder, 'settings.json'))).mode & 0o777, 0o600);
  });

  it('keeps what its owner wrote and freezes no default when a part is changed', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = path.join(folder, 'settings.json');
    await writeFile(file, '{"mapping": {"small": [{"model": "s"}]}}');
    await changeSettings(folder, { mode: 'local' });
    assert.deepEqual(JSON.parse(await readFile(file, 'utf8')), {
      mapping: { small: [{ model: 's' }] },
      mode: 'local',
    });
  });

  it('is left alone where it is broken', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = path.join(folder, 'settings.json');
    await writeFile(file, '{"mode": "left"}');
    await assert.rejects(changeSettings(folder, { mode: 'local' }), /settings\.json is broken/);
    assert.equal(await readFile(file, 'utf8'), '{"mode": "left"}');
  });

  for (const [title, [text, names]] of Object.entries(broken))
    it(`${title}: kept aside to the byte and named, and the defaults hold`, async (test) => {
      const folder = await makeTemporaryFolder(test);
      await writeFile(path.join(folder, 'settings.json'), text);
      const warnings: string[] = [];
      const settings = await loadSettings(
        folder,
        (message) => warnings.push(message),
        new Date('2026-11-20T21:43:01Z'),
      );
      assert.deepEqual(settings, defaultSettings());
      assert.deepEqual(await readdir(folder), ['settings.broken-2026-11-20T21-43-01-000Z.json']);
      assert.equal(await readFile(path.join(folder, 'settings.broken-2026-11-20T21-43-01-000Z.json'), 'utf8'), text);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] ?? '', names);
      assert.match(warnings[0] ?? '', /settings\.json.+settings\.broken-2026/);
      assert.doesNotMatch(warnings[0] ?? '', /zq|xw/, 'values are not quoted');
    });

  for (const [title, [text, names]] of Object.entries(broken))
    it(`${title}: refused and left alone when edited so`, async (test) => {
      const folder = await makeTemporaryFolder(test);
      await writeFile(path.join(folder, 'settings.json'), text);
      await assert.rejects(reloadSettings(folder), names);
      assert.deepEqual(await readdir(folder), ['settings.json']);
    });

  it('of a newer version is refused and left alone', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const text = '{"version": 2, "unheardOf": true}';
    await writeFile(path.join(folder, 'settings.json'), text);
    for (const act of [() => loadSettings(folder, noWarning), () => reloadSettings(folder)])
      await assert.rejects(act, (error: Error) => {
        assert.match(error.message, /settings\.json is of version 2.+update Strelka/);
        return true;
      });
    assert.equal(await readFile(path.join(folder, 'settings.json'), 'utf8'), text);
  });

  it('that cannot be read is refused with its path', async (test) => {
    const folder = await makeTemporaryFolder(test);
    await mkdir(path.join(folder, 'settings.json'));
    await assert.rejects(loadSettings(folder, noWarning), /settings\.json cannot be read \(it is a folder\)/);
  });
});
