import type { Profile } from './contract/profile.ts';
import type { Settings } from './contract/settings.ts';
import type { ListedModels } from './failover/listed.ts';
import type { Prober } from './failover/prober.ts';
import type { Route, Target } from './failover/routes.ts';
import type { Standby } from './failover/standby.ts';
import type { Supervisor } from './failover/supervisor.ts';
import type { PdfReader } from './translate/pdf.ts';
import type { TokenCalibration } from './translate/token-calibration.ts';
import type { TokenCounter } from './translate/token-count.ts';
import type { CallTimeouts, Upstream } from './upstream/upstream.ts';

/** What the front doors need of the running gateway. Getters give what is in force now: settings change live. */
export interface Services {
  readonly settings: Settings;
  readonly tokens: TokenCounter;
  readonly pdfs: PdfReader;
  readonly calibration: TokenCalibration;
  /** @returns where a request for this model goes, best first */
  routeOf(askedModel: string): Route;
  /** @returns what the model needs */
  profileOf(model: string): Profile;
  /** @throws StrelkaError where the settings name an upstream that does not exist */
  upstreamOf(id: string): Upstream;
  readonly supervisor: Supervisor;
  readonly prober: Pick<Prober, 'used'>;
  readonly standby: Standby;
  /** @returns tokens that a prompt is at the least for this model: for deciding what is surely too long */
  roughTokens(model: string, estimated: number): number;
  /** @returns tokens that the target can hold, of the local model as it was found */
  windowOf(target: Target): number;
  /** @returns the times of an attempt; the first word is waited for less long where a warm standby could say it */
  timeoutsOf(target: Target): CallTimeouts;
  /** @returns the ids that upstreams list, as far as is known by now */
  listedModels(): ListedModels;
}
