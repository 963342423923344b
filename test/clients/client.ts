import type { ClientPackage } from './install.ts';
import type { Command, Outcome } from './process.ts';
import type { Tools } from './task.ts';

/** What a run gives a client to work with. */
export interface Workplace {
  /** The client's command. */
  binary: string;
  /** A fresh home folder. */
  home: string;
  /** The folder that it works in. */
  project: string;
  /** The gateway's address, without a version. */
  gatewayUrl: string;
  /** The key that the gateway wants from clients. */
  key: string;
  prompt: string;
  /** The model will think: ask for it, in a client that doesn't by itself. */
  thinking: boolean;
}

/** A real client, pinned, and how it comes through one of the front doors. */
export interface Client {
  /** As chosen on the command line. */
  name: string;
  package: ClientPackage;
  door: 'anthropic' | 'openai';
  tools: Tools;
  /** Writes the client's settings into the workplace. Its environment is this command's, nothing is inherited. */
  prepare(workplace: Workplace): Promise<Command>;
  /**
   * @returns what the client shows as the model's last words
   * @throws where its output has no such thing
   */
  finalTextOf(outcome: Outcome): string;
}

/** Models that the fake upstream lists, by the tier that the gateway gives them. */
export const models = {
  big: 'zai-org/GLM-4.7',
  middle: 'zai-org/GLM-4.7',
  small: 'zai-org/GLM-4.7-Flash',
} as const;
