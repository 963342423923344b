import { StrelkaError } from '../errors.ts';
import { tooLongMessage } from '../upstream/context-overflow.ts';
import type { Standing } from './breaker-state.ts';
import type { Route, Target } from './routes.ts';

/** What is to be known of an exchange to find its targets. */
export interface RouteRequest {
  route: Route;
  /** Null where the client names none: such a request has no conversation to keep whole. */
  session: string | null;
  /** The last message is no tool result: a new turn of the conversation begins. */
  newTurn: boolean;
  /** Tokens that the prompt is for this target's model. */
  neededTokens: (target: Target) => number;
  windowOf: (target: Target) => number;
}

export interface Candidate {
  target: Target;
  /** The last one of all, that stands in when the others fail. */
  standby: boolean;
}

export interface WalkOptions {
  request: RouteRequest;
  /** What the mode allows, best first. */
  candidates: readonly Candidate[];
  mode: 'auto' | 'cloud' | 'local';
  /** Called before each choice, so that it is made on what is so now. */
  standing: (target: Target) => Standing;
  standbyReady: () => boolean;
  /** The stand-in that this conversation stays with. */
  stay: () => Target | undefined;
  /** 0 to below 1: the request goes back to a recovering target whose share is above this. */
  lot: number;
}

/** A target to try. */
export interface Choice {
  candidate: Candidate;
  lastResort: boolean;
}

/** The targets of one exchange, one after the other. */
export class Walk {
  readonly #options: WalkOptions;
  readonly #tried = new Set<Candidate>();
  readonly #fits = new Map<Candidate, boolean>();
  #lastResortUsed = false;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /**
   * @returns the best target not yet tried, or undefined
   * @throws StrelkaError 'no-target' where mode or hand leave none at all; 'prompt-too-long' where none that is left can
   *   hold the request, with the largest window, so that the client compacts
   */
  choose(): Choice | undefined {
    if (this.#tried.size === 0) this.#refuseWithoutTarget();
    const choice = this.#find();
    if (choice === undefined) {
      this.#refuseTooLong();
      return undefined;
    }
    this.#tried.add(choice.candidate);
    if (choice.lastResort) this.#lastResortUsed = true;
    return choice;
  }

  /** @returns true where another target that may be used now is left */
  hasMore(): boolean {
    const choice = this.#find();
    return choice !== undefined && !choice.lastResort;
  }

  #find(): Choice | undefined {
    const left = this.#options.candidates.filter(
      (candidate) => !this.#tried.has(candidate) && this.#canHold(candidate),
    );
    const usable = left.filter((candidate) => this.#isUsable(candidate));
    const candidate = this.#stay(usable) ?? this.#inOrder(usable);
    if (candidate) return { candidate, lastResort: false };
    const last = this.#lastResortUsed ? undefined : this.#lastResort(left);
    return last && { candidate: last, lastResort: true };
  }

  #stay(usable: readonly Candidate[]): Candidate | undefined {
    const target = this.#options.stay();
    if (target === undefined) return undefined;
    return usable.find((candidate) => {
      const { door } = this.#options.standing(candidate.target);
      return isSame(candidate.target, target) && (door === 'open' || door === 'ramp');
    });
  }

  #inOrder(usable: readonly Candidate[]): Candidate | undefined {
    const takes = (candidate: Candidate): boolean => {
      const standing = this.#options.standing(candidate.target);
      return standing.door !== 'ramp' || this.#options.lot < standing.share;
    };
    // One that is on its way back serves as a stand-in too, where there is no sound one.
    return usable.find(takes) ?? usable[0];
  }

  /**
   * With every door shut, the one whose trial is due soonest is tried all the same, once an exchange: a request must not
   * fail without a try. A refused key comes after those, because its error tells the user what to mend, and a standby
   * that is not ready last.
   */
  #lastResort(left: readonly Candidate[]): Candidate | undefined {
    let best: { candidate: Candidate; rank: number; due: number } | undefined;
    for (const candidate of left) {
      const standing = this.#options.standing(candidate.target);
      if (standing.door === 'locked') continue;
      const due = standing.door === 'shut' ? standing.due : 0;
      const rank = candidate.standby && !this.#options.standbyReady() ? 2 : due === Number.POSITIVE_INFINITY ? 1 : 0;
      if (best === undefined || rank < best.rank || (rank === best.rank && due < best.due))
        best = { candidate, rank, due };
    }
    return best?.candidate;
  }

  #isUsable({ target, standby }: Candidate): boolean {
    const { door } = this.#options.standing(target);
    return door !== 'shut' && door !== 'locked' && (!standby || this.#options.standbyReady());
  }

  #canHold(candidate: Candidate): boolean {
    const known = this.#fits.get(candidate);
    if (known !== undefined) return known;
    const { neededTokens, windowOf } = this.#options.request;
    const fits = neededTokens(candidate.target) <= windowOf(candidate.target);
    this.#fits.set(candidate, fits);
    return fits;
  }

  #refuseWithoutTarget(): void {
    const { candidates, mode } = this.#options;
    if (candidates.some(({ target }) => this.#options.standing(target).door !== 'locked')) return;
    throw new StrelkaError('no-target', candidates.length > 0 ? allHeld : noTarget[mode]);
  }

  /**
   * A target that could hold the request and merely failed just now keeps the client from compacting for nothing; one
   * that is shut does not: the client goes on with what is left.
   */
  #refuseTooLong(): void {
    const { request, standing } = this.#options;
    const candidates = this.#options.candidates.filter(({ target }) => standing(target).door !== 'locked');
    const roomy = candidates.filter((candidate) => this.#canHold(candidate));
    if (roomy.some((candidate) => this.#isUsable(candidate))) return;
    const tight = candidates.filter((candidate) => !this.#canHold(candidate));
    const usable = tight.filter((candidate) => this.#isUsable(candidate));
    // With nothing usable left, the failure of the last try tells more than a count of tokens.
    const left = usable.length === 0 && roomy.length === 0 ? tight : usable;
    let largest: Target | undefined;
    for (const { target } of left)
      if (largest === undefined || request.windowOf(target) > request.windowOf(largest)) largest = target;
    if (largest === undefined) return;
    const message = tooLongMessage(request.neededTokens(largest), request.windowOf(largest));
    throw new StrelkaError('prompt-too-long', message);
  }
}

const allHeld = 'Every target of this model is held out of use by hand. Release one of them.';
const noTarget = {
  auto: 'No target is configured for this model. Add one to the mapping.',
  cloud:
    'The mode is cloud, and this model has no target in the cloud. Switch the mode to auto, or change the mapping.',
  local: 'The mode is local, and no local model is set up. Set OLLAMA_MODEL, or switch the mode to auto.',
} as const;

/** @returns true where both mean the same model on the same upstream */
export function isSame(one: Target, other: Target): boolean {
  return one.upstream === other.upstream && one.model === other.model;
}
