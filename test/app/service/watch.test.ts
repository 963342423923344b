import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { watchFolder } from '../../../app/service/watch.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';

describe('the watch over a folder', () => {
  it('tells of a file that was written in place, and of one that replaced another', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const file = path.join(folder, 'a.json');
    let heard = Promise.withResolvers<void>();
    const watch = watchFolder(folder, ['a.json'], () => heard.resolve(), heard.reject);
    test.after(() => watch.stop());
    await writeFile(file, '1');
    await heard.promise;
    heard = Promise.withResolvers<void>();
    await writeFile(path.join(folder, 'draft'), '2');
    await rename(path.join(folder, 'draft'), file);
    await heard.promise;
  });

  it('tells, and does not throw, where nothing can be watched', async (test) => {
    const folder = await makeTemporaryFolder(test);
    const failures: unknown[] = [];
    const nothing = (): never => assert.fail('a change was told');
    const watch = watchFolder(path.join(folder, 'absent'), ['a.json'], nothing, (error) => failures.push(error));
    watch.stop();
    assert.match(String(failures), /ENOENT/);
    assert.equal(failures.length, 1);
  });
});
