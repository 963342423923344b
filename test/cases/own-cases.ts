import type { FailureCase } from './case.ts';
import { finishCases, framingCases, reasoningCases } from './own-answers.ts';
import { callCases } from './own-calls.ts';
import { errorCases } from './own-errors.ts';

/**
 * Cases of our own, after every row of failures.md 1, 3, 4 and 5 that the published cases leave out. Their ids say which
 * published number they stand beside.
 */
export const ownCases: readonly FailureCase[] = [
  ...callCases,
  ...reasoningCases,
  ...framingCases,
  ...finishCases,
  ...errorCases,
];
