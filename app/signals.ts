import { constants } from 'node:os';

type Signal = 'SIGINT' | 'SIGTERM';

export interface Signals {
  /** From now on the first signal runs this, and the process ends with 0 when it is done (or failed: then with 1). */
  whenAsked(stop: (reason: string) => Promise<void>): void;
  /** Asks as a first signal does, for a reason that is no signal. */
  ask(reason: string): void;
}

/** npm passes a Ctrl+C on that its child got from the terminal already: both within moments, and the user pressed once. */
const sameKeyPressMs = 500;

/**
 * SIGTERM and SIGINT end the process: softly the first time, at once (128 + the signal's number) the second. Before
 * there is anything to stop, the first one ends it with 0.
 * @param source the process, or what plays it in a test
 * @param now milliseconds
 */
export function setupSignals(
  source: Pick<NodeJS.EventEmitter, 'on'>,
  exit: (code: number) => void,
  now: () => number = () => performance.now(),
): Signals {
  let stop: (reason: string) => Promise<void> = () => Promise.resolve();
  let first: { reason: string; at: number } | undefined;
  const ask = (reason: string): void => {
    if (first !== undefined) return;
    first = { reason, at: now() };
    stop(reason).then(
      () => exit(0),
      (error: unknown) => {
        process.stderr.write(`strelka: it did not end cleanly (${String(error)}).\n`);
        exit(1);
      },
    );
  };
  const receive = (signal: Signal): void => {
    if (first === undefined) {
      ask(signal);
      return;
    }
    const echo = signal === 'SIGINT' && first.reason === 'SIGINT' && now() - first.at < sameKeyPressMs;
    if (!echo) exit(128 + constants.signals[signal]);
  };
  source.on('SIGINT', receive);
  source.on('SIGTERM', receive);
  return {
    whenAsked: (handler) => {
      stop = handler;
    },
    ask,
  };
}
