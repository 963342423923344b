import type { Settings, Tier } from '../../proxy/contract/settings.ts';
import type { EnvironmentOverlay } from './environment.ts';
import { address } from './environment-values.ts';
import { refuse } from './refusal.ts';
import { problemOf, problemOfTargets } from './settings-problems.ts';
import { addOllama, primaryOf } from './upstreams.ts';

/** What the command line asks for. */
export interface Flags {
  host?: string | undefined;
  port?: number | undefined;
  demo: boolean;
}

/**
 * The settings in force: the file, the environment over it, the flags over both.
 * @throws StrelkaError `settings-unusable` where together they make no sense
 */
export function composeSettings(file: Settings, environment: EnvironmentOverlay, flags: Flags): Settings {
  const settings = environment.apply(file);
  if (flags.host !== undefined) settings.server.host = flags.host;
  if (flags.port !== undefined) settings.server.port = flags.port;
  if (settings.standby.model !== null) addOllama(settings);
  fillTiers(settings);
  const problem = problemOf(settings) ?? problemOfTargets(settings);
  if (problem !== undefined) refuse(`${problem}.`);
  for (const upstream of settings.upstreams) upstream.baseUrl = address.read(upstream.baseUrl) ?? upstream.baseUrl;
  return settings;
}

/** Where a tier without targets borrows, nearest first. */
const neighbours: Readonly<Record<Tier, readonly Tier[]>> = {
  big: ['middle', 'small'],
  middle: ['big', 'small'],
  small: ['middle', 'big'],
};

/**
 * The presets name cloud.ru's models. On another upstream a tier without a model therefore takes its neighbour's, as
 * claude-code-proxy takes BIG_MODEL for MIDDLE_MODEL; where no tier has one, the gateway picks from the upstream's list.
 */
function fillTiers(settings: Settings): void {
  if (primaryOf(settings)?.kind === 'cloudru') return;
  const { mapping } = settings;
  const own = { big: mapping.big, middle: mapping.middle, small: mapping.small };
  for (const tier of ['big', 'middle', 'small'] as const) {
    if (own[tier].length > 0) continue;
    const lender = neighbours[tier].find((neighbour) => own[neighbour].length > 0);
    if (lender !== undefined) mapping[tier] = structuredClone(own[lender]);
  }
}

/** Fields that only a new start changes: the gateway listens already. */
export function needsRestart(before: Settings, after: Settings): boolean {
  return before.server.host !== after.server.host || before.server.port !== after.server.port;
}
