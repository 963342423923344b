import type { Profile } from './contract/profile.ts';
import type { Settings } from './contract/settings.ts';
import type { ListedModels } from './failover/listed.ts';
import type { Route } from './failover/routes.ts';
import type { TokenCalibration } from './translate/token-calibration.ts';
import type { TokenCounter } from './translate/token-count.ts';
import type { Upstream } from './upstream/upstream.ts';

/** What the front doors need of the running gateway. Getters give what is in force now: settings change live. */
export interface Services {
  readonly settings: Settings;
  readonly tokens: TokenCounter;
  readonly calibration: TokenCalibration;
  /** @returns where a request for this model goes, best first */
  routeOf(askedModel: string): Route;
  /** @returns what the model needs */
  profileOf(model: string): Profile;
  /** @throws StrelkaError where the settings name an upstream that does not exist */
  upstreamOf(id: string): Upstream;
  /** @returns the ids that upstreams list, as far as is known by now */
  listedModels(): ListedModels;
}
