import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ErrorKind, isClientFault, StrelkaError, wireForms } from '../../../proxy/errors.ts';
import { type Blame, blameOf, blames } from '../../../proxy/failover/blame.ts';

/** Written out a second time on purpose: a change of the table has to be meant. */
const expected: Record<Blame, ErrorKind[]> = {
  upstream: ['upstream-unreachable'],
  either: ['overloaded', 'upstream-failed', 'upstream-timeout', 'stream-broken'],
  target: ['upstream-forbidden', 'model-missing', 'answer-unreadable', 'answer-empty', 'tool-call-broken'],
  key: ['upstream-key-missing', 'upstream-key-refused', 'balance-empty'],
  none: [
    'invalid-json',
    'invalid-request',
    'unsupported-tool',
    'unsupported-content',
    'prompt-too-long',
    'body-too-large',
    'unknown-path',
    'wrong-method',
    'slow-request',
    'wrong-client-key',
    'foreign-host',
    'foreign-origin',
    'client-left',
    'upstream-refused-request',
    'rate-limited',
    'no-target',
    'draining',
    'settings-unusable',
    'internal',
  ],
};

describe('the table of blame', () => {
  for (const [blame, kinds] of Object.entries(expected))
    for (const kind of kinds)
      it(`${kind} counts against: ${blame}`, () => {
        assert.equal(blameOf(kind), blame);
      });

  it('decides every kind of error, and no other', () => {
    assert.deepEqual(Object.keys(blames).sort(), Object.keys(wireForms).sort());
    assert.deepEqual(Object.values(expected).flat().sort(), Object.keys(wireForms).sort());
  });

  it('charges nobody with what is the client’s fault', () => {
    for (const kind of Object.keys(blames) as ErrorKind[])
      if (isClientFault(new StrelkaError(kind, ''))) assert.equal(blameOf(kind), 'none', kind);
  });
});
