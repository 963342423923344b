import assert from 'node:assert/strict';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { locateDataFolder, makeDataFolder, type Surroundings } from '../../../app/service/data-folder.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

const home = path.resolve('/home/anna');

function on(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv = {}): Surroundings {
  return { platform, environment, homeFolder: home };
}

describe('the data folder', () => {
  it('is the flag, else STRELKA_HOME, else the usual place of the platform', () => {
    const environment = { STRELKA_HOME: '/srv/strelka' };
    assert.equal(locateDataFolder('/tmp/one', on('linux', environment)), path.resolve('/tmp/one'));
    assert.equal(locateDataFolder(undefined, on('linux', environment)), path.resolve('/srv/strelka'));
    assert.equal(locateDataFolder(undefined, on('linux')), path.join(home, '.config', 'strelka'));
    assert.equal(
      locateDataFolder(undefined, on('darwin')),
      path.join(home, 'Library', 'Application Support', 'Strelka'),
    );
    assert.equal(locateDataFolder(undefined, on('win32')), path.join(home, 'AppData', 'Roaming', 'Strelka'));
    assert.equal(locateDataFolder(undefined, on('win32', { APPDATA: '/roaming' })), path.join('/roaming', 'Strelka'));
  });

  it('obeys XDG_CONFIG_HOME, save for an empty or relative one', () => {
    assert.equal(locateDataFolder(undefined, on('linux', { XDG_CONFIG_HOME: '/x' })), path.join('/x', 'strelka'));
    for (const value of ['', 'relative'])
      assert.equal(
        locateDataFolder(undefined, on('linux', { XDG_CONFIG_HOME: value })),
        path.join(home, '.config', 'strelka'),
      );
  });

  it('takes an empty STRELKA_HOME for unset and a relative one from the working folder', () => {
    assert.equal(
      locateDataFolder(undefined, on('linux', { STRELKA_HOME: ' ' })),
      path.join(home, '.config', 'strelka'),
    );
    assert.equal(locateDataFolder(undefined, on('linux', { STRELKA_HOME: 'data' })), path.resolve('data'));
  });

  it('is made for its owner only, and left as it is where it exists', {
    skip: process.platform === 'win32' && 'Windows keeps no such modes',
  }, async (test) => {
    const folder = await makeTemporaryFolder(test);
    const made = path.join(folder, 'a', 'b');
    await makeDataFolder(made);
    assert.equal((await stat(made)).mode & 0o777, 0o700);
    const own = path.join(folder, 'own');
    await mkdir(own, { mode: 0o755 });
    await makeDataFolder(own);
    assert.equal((await stat(own)).mode & 0o777, 0o755);
  });

  it('is refused with its path and the mend where it cannot be made', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = path.join(folder, 'file');
    await writeFile(file, '');
    await assert.rejects(makeDataFolder(path.join(file, 'below')), (error: Error) => {
      assert.match(error.message, /file.+below cannot be made.+--data or STRELKA_HOME/);
      return true;
    });
  });
});
