import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faults } from './faults.ts';
import { drillFault } from './single.ts';

describe('each fault of the catalogue by itself', { concurrency: 8 }, () => {
  for (const fault of faults) {
    it(`${fault.name}: with a standby the client gets its answer`, async () => {
      const { asks, wrong } = await drillFault(fault, true);
      assert.deepEqual(wrong, []);
      for (const { seen, answeredBy } of asks) {
        assert.equal(seen.kind, 'message', seen.message);
        assert.equal(answeredBy, 'ollama');
      }
    });

    it(`${fault.name}: alone, the client gets the right error`, async () => {
      const { asks, wrong } = await drillFault(fault, false);
      assert.deepEqual(wrong, []);
      for (const { ask, seen } of asks) {
        assert.equal(seen.kind, 'error');
        assert.notEqual(seen.message, '');
        assert.equal(seen.begun, ask.streamed && fault.afterCommit === true);
        if (seen.begun) continue;
        assert.equal(seen.status, fault.alone.status, seen.message);
        if (ask.door === 'messages') assert.equal(seen.errorType, fault.alone.type);
        assert.equal(seen.retryAfter, fault.retryAfter ?? null);
      }
    });
  }
});
