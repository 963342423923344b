import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FailoverCause, Subject } from '../../../proxy/contract/failover.ts';
import { describeEvent } from '../../../proxy/failover/failover-events.ts';
import { glm, oss, Supervised } from '../../fakes/supervised.ts';

const cloud: Subject = { upstream: 'cloudru', model: 'glm', name: 'cloud.ru' };
const ollama: Subject = { upstream: 'ollama', model: 'qwen', name: 'Ollama' };

function failures(kind: string, status: number | null = null, count = 3, alike = true): FailoverCause {
  return { by: 'failures', kind, status, count, alike };
}

describe('the story of an outage', () => {
  it('is told with causes, once each, in order', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-failed', 3, 503);
    supervised.now = 15_000;
    supervised.succeed(2);
    supervised.now += 30_000;
    supervised.supervisor.refresh();
    assert.deepEqual(
      supervised.events.map(({ sentence }) => sentence),
      [
        'glm on cloud.ru answered with 503.',
        'cloud.ru answered with 503.',
        'Answers come from where they should; some fail.',
        'glm on cloud.ru answered 3 times with 503; it is left alone for 15 s.',
        'cloud.ru answered 3 times with 503; it is left alone for 15 s.',
        'cloud.ru answered 3 times with 503; Ollama has taken over.',
        'A stand-in answers.',
        'cloud.ru is being tried again.',
        'glm on cloud.ru is being tried again.',
        'Requests are going back bit by bit.',
        'cloud.ru answers again; requests go back bit by bit.',
        'glm on cloud.ru answers again; requests go back bit by bit.',
        'cloud.ru is well again.',
        'glm on cloud.ru is well again.',
        'cloud.ru is well again and has taken over from Ollama.',
        'All is well.',
      ],
    );
    assert.ok(
      supervised.events.every(({ at }) => at >= 1_000_000),
      'times are epoch times',
    );
  });

  it('names models where both are on one upstream', () => {
    const supervised = new Supervised({ tiers: { big: [glm, oss] } });
    supervised.fail('model-missing', 3, 404);
    assert.deepEqual(supervised.told('target-switched'), ['glm is not there; oss has taken over.']);
  });

  it('tells a change of mode, and of the active target as the user’s choice', () => {
    const supervised = new Supervised();
    supervised.settings.mode = 'local';
    supervised.supervisor.applied();
    supervised.supervisor.applied();
    assert.deepEqual(
      supervised.events.map(({ sentence }) => sentence),
      ['The mode is local now; it was auto.', 'Ollama has taken over from cloud.ru, as you chose.'],
    );
  });

  it('tells of a standby that comes to the rescue', () => {
    const supervised = new Supervised();
    supervised.ready = false;
    supervised.fail('upstream-unreachable', 3);
    assert.equal(supervised.supervisor.state, 'down');
    assert.deepEqual(supervised.told('target-switched'), []);
    supervised.ready = true;
    supervised.supervisor.refresh();
    assert.equal(supervised.supervisor.state, 'failed-over');
    assert.equal(supervised.told('target-switched').length, 1);
  });
});

describe('sentences', () => {
  const causes: [FailoverCause, string][] = [
    [failures('upstream-unreachable'), 'cloud.ru could not be reached 3 times; Ollama has taken over.'],
    [failures('upstream-timeout', null, 2), 'cloud.ru did not answer in time twice; Ollama has taken over.'],
    [failures('stream-broken', null, 1), 'cloud.ru broke off an answer; Ollama has taken over.'],
    [failures('overloaded', 529), 'cloud.ru answered 3 times with 529; Ollama has taken over.'],
    [
      failures('upstream-failed', 500, 4, false),
      'cloud.ru failed 4 times, the last time it answered with 500; Ollama has taken over.',
    ],
    [
      failures('upstream-unreachable', null, 5, false),
      'cloud.ru failed 5 times, the last time it could not be reached; Ollama has taken over.',
    ],
    [failures('balance-empty', 402, 1), 'cloud.ru says that the balance is empty: top it up; Ollama has taken over.'],
    [failures('of-tomorrow'), 'cloud.ru failed 3 times; Ollama has taken over.'],
    [{ by: 'time' }, 'Ollama is well again and has taken over from cloud.ru.'],
    [{ by: 'setup' }, 'Ollama has taken over from cloud.ru: settings, keys or the standby have changed.'],
  ];
  for (const [cause, sentence] of causes)
    it(sentence, () => {
      assert.deepEqual(describeEvent({ kind: 'target-switched', from: cloud, to: ollama, cause }, 7), {
        kind: 'target-switched',
        from: cloud,
        to: ollama,
        cause,
        at: 7,
        sentence,
      });
    });
});
