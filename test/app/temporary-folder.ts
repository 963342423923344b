import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** Makes a folder that is gone when the test is over. */
export async function makeTemporaryFolder(test: TestContext): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'strelka-test-'));
  test.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
