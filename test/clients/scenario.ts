import type { Dialect } from '../fakes/chat-dialect.ts';

/** One way in which the upstream may carry out the same task. */
export interface Scenario {
  name: string;
  dialect: Dialect;
  /** Both files are read in one turn. */
  parallel: boolean;
  /** Every answer starts with reasoning. */
  reasoning: boolean;
}

export const scenarios: readonly Scenario[] = [
  { name: 'native', dialect: 'native', parallel: false, reasoning: false },
  { name: 'parallel', dialect: 'native', parallel: true, reasoning: false },
  { name: 'thinking', dialect: 'native', parallel: false, reasoning: true },
  // The last three need repairs (issue 3). Two calls in one text and reasoning before it are the harder forms.
  { name: 'glm-text', dialect: 'glm-text', parallel: true, reasoning: true },
  { name: 'qwen-text', dialect: 'qwen-text', parallel: true, reasoning: false },
  { name: 'hermes-text', dialect: 'hermes-text', parallel: true, reasoning: false },
];
