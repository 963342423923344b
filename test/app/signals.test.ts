import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { setupSignals } from '../../app/signals.ts';

interface Played {
  press(signal: 'SIGINT' | 'SIGTERM', at: number): void;
  ask(reason: string): void;
  /** The codes that the process was ended with, in order. */
  codes: number[];
  stopped: string[];
  finish(error?: Error): Promise<void>;
}

/** Signals against a stop that lasts until it is told to end. */
function play(): Played {
  const source = new EventEmitter();
  const codes: number[] = [];
  const stopped: string[] = [];
  const stopping = Promise.withResolvers<void>();
  let time = 0;
  const signals = setupSignals(
    source,
    (code) => codes.push(code),
    () => time,
  );
  signals.whenAsked((signal) => {
    stopped.push(signal);
    return stopping.promise;
  });
  return {
    codes,
    stopped,
    ask: signals.ask,
    press: (signal, at) => {
      time = at;
      source.emit(signal, signal);
    },
    finish: async (error) => {
      if (error === undefined) stopping.resolve();
      else stopping.reject(error);
      await new Promise(setImmediate);
    },
  };
}

describe('signals', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`${signal} stops softly and ends with 0`, async () => {
      const { press, codes, stopped, finish } = play();
      press(signal, 0);
      assert.deepEqual([stopped, codes], [[signal], []]);
      await finish();
      assert.deepEqual(codes, [0]);
    });

  it('a second one ends at once, with the code of a process that a signal killed', () => {
    const terms = play();
    terms.press('SIGTERM', 0);
    terms.press('SIGTERM', 1);
    assert.deepEqual(terms.codes, [143]);
    const mixed = play();
    mixed.press('SIGTERM', 0);
    mixed.press('SIGINT', 1);
    assert.deepEqual(mixed.codes, [130]);
  });

  it('one Ctrl+C that npm passes on once more counts once; a later one counts', () => {
    const { press, codes, stopped } = play();
    press('SIGINT', 0);
    press('SIGINT', 499);
    assert.deepEqual([stopped, codes], [['SIGINT'], []]);
    press('SIGINT', 500);
    assert.deepEqual(codes, [130]);
  });

  it('another reason stops softly too, and a signal after it ends at once', async () => {
    const { ask, press, codes, stopped, finish } = play();
    ask('parent gone');
    ask('parent gone');
    assert.deepEqual([stopped, codes], [['parent gone'], []]);
    press('SIGINT', 1);
    assert.deepEqual(codes, [130]);
    await finish();
    assert.deepEqual(codes, [130, 0]);
  });

  it('a stop that fails ends with 1', async () => {
    const { press, codes, finish } = play();
    press('SIGTERM', 0);
    await finish(new Error('told so by the test'));
    assert.deepEqual(codes, [1]);
  });

  it('before there is anything to stop, the first one ends with 0', async () => {
    const source = new EventEmitter();
    const codes: number[] = [];
    setupSignals(source, (code) => codes.push(code));
    source.emit('SIGTERM', 'SIGTERM');
    await new Promise(setImmediate);
    assert.deepEqual(codes, [0]);
  });
});
