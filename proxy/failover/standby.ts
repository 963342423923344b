import { toStrelkaError } from '../errors.ts';
import { Deadline } from '../upstream/deadline.ts';
import type { Ollama } from '../upstream/ollama.ts';
import { pullCommand } from '../upstream/ollama-error.ts';
import { loadStallMs } from '../upstream/ollama-models.ts';
import { isSameModel } from '../upstream/ollama-name.ts';

/** Which Ollama stands by, and with what. */
export interface StandbySource {
  /** Undefined where the settings define none. */
  ollama: Ollama | undefined;
  /** Null: no fallback is wanted. */
  model: string | null;
}

export type StandbyState =
  /** No model is set. */
  | 'off'
  /** Not looked at yet. */
  | 'unknown'
  /** Nothing answers, or something that is no healthy Ollama. */
  | 'unreachable'
  | 'no-model'
  /** The model can't call tools: an agent would be lost with it. */
  | 'no-tools'
  /** It can stand in, after being loaded. */
  | 'cold'
  | 'warming'
  | 'warm';

export interface StandbyStatus {
  state: StandbyState;
  /** Of Ollama; null where nothing answers. */
  version: string | null;
  model: string | null;
  /** The largest context that it can be given, in tokens; null where that is not known. */
  contextWindow: number | null;
  /** What it is loaded for, in tokens; null where it is not in memory. */
  loadedContext: number | null;
  /** One sentence for a person with the command that mends it; null where there is nothing to do. */
  hint: string | null;
}

/** What /api/version and the others may take: they come from memory. */
const probeMs = 5_000;
/** What coding agents need as a rule (protocol.md 5, "docs: coding at least 64k"). */
const usualNeed = 65_536;
/** For an Ollama too old to tell what a model was made for: what every model of today holds. */
const modestWindow = 32_768;

/**
 * Whether the local model could stand in, found before it is needed. Nothing runs by itself in here: the prober asks,
 * and readers see what it found last.
 */
export class Standby {
  #source: StandbySource;
  #found: StandbyStatus;
  #probe: Promise<StandbyStatus> | undefined;
  #load: Promise<StandbyStatus> | undefined;
  #isLoading = false;
  /** Changes with the address or the model: what was begun before is about something else. */
  #turn = 0;

  constructor(source: StandbySource) {
    this.#source = source;
    this.#found = unseen(source);
  }

  /** What was found last. */
  get status(): StandbyStatus {
    return this.#isLoading && this.#found.state === 'cold' ? { ...this.#found, state: 'warming' } : this.#found;
  }

  /** True where it can take over now or after a load. */
  get canStandIn(): boolean {
    return this.#found.state === 'cold' || this.#found.state === 'warm';
  }

  /** Applies changed settings; what was found stays known while address and model stay. */
  use(source: StandbySource): void {
    const before = this.#source;
    this.#source = source;
    const isSame =
      before.model === source.model && before.ollama?.client.address.href === source.ollama?.client.address.href;
    if (isSame) return;
    this.#turn += 1;
    this.#found = unseen(source);
    // A look or load that is under way is one at something else.
    this.#probe = undefined;
    this.#load = undefined;
    this.#isLoading = false;
  }

  /**
   * Looks now, or joins the look that is under way.
   * @returns what it found; never rejects: what is wrong is the finding
   */
  probe(): Promise<StandbyStatus> {
    if (this.#probe) return this.#probe;
    const probe = this.#look().finally(() => {
      if (this.#probe === probe) this.#probe = undefined;
    });
    this.#probe = probe;
    return probe;
  }

  /**
   * Brings the model into memory by an empty chat, so that the first exchange after a switch does not wait for it. Does
   * nothing where it is warm already or can't stand in.
   * @param neededTokens of prompt and answer that it shall be ready for
   * @returns what it came to, minutes later where the model is large; never rejects
   */
  warmUp(neededTokens = usualNeed): Promise<StandbyStatus> {
    if (this.#load) return this.#load;
    const load = this.#warm(neededTokens).finally(() => {
      if (this.#load === load) this.#load = undefined;
    });
    this.#load = load;
    return load;
  }

  async #look(): Promise<StandbyStatus> {
    const turn = this.#turn;
    const found = await find(this.#source);
    if (turn === this.#turn) this.#found = found;
    return this.status;
  }

  async #warm(neededTokens: number): Promise<StandbyStatus> {
    const turn = this.#turn;
    await this.probe();
    const { ollama, model } = this.#source;
    if (turn !== this.#turn || !ollama || model === null || !this.canStandIn) return this.status;
    this.#isLoading = true;
    const failure = await load(ollama, model, neededTokens);
    if (turn !== this.#turn) return this.status;
    this.#isLoading = false;
    await this.probe();
    // What the load failed with is the news, unless the look found something worse.
    if (failure !== null && this.#found.state === 'cold') this.#found = { ...this.#found, hint: failure };
    return this.status;
  }
}

/** @returns null once it is loaded, else why it could not be, in a sentence */
async function load(ollama: Ollama, model: string, neededTokens: number): Promise<string | null> {
  const deadline = new Deadline(new AbortController().signal);
  try {
    deadline.expect(loadStallMs, `loading ${model}`);
    await ollama.load(model, neededTokens, deadline.signal);
    return null;
  } catch (thrown) {
    return toStrelkaError(thrown).message;
  } finally {
    deadline.close();
  }
}

async function find({ ollama, model }: StandbySource): Promise<StandbyStatus> {
  if (!ollama || model === null) return unseen({ ollama, model });
  const deadline = new Deadline(new AbortController().signal);
  let status: StandbyStatus = { ...unseen({ ollama, model }), hint: null };
  try {
    deadline.expect(probeMs, 'a sign of life of Ollama');
    status = { ...status, version: await ollama.client.version(deadline.signal) };
    const names = await ollama.client.tags(deadline.signal);
    if (!names.some((name) => isSameModel(name, model))) return { ...status, state: 'no-model', hint: pullHint(model) };
    const local = await ollama.models.look(model, deadline.signal, true);
    const { running, capabilities } = local;
    status = {
      ...status,
      state: running ? 'warm' : 'cold',
      contextWindow: ollama.contextLimitOf(local, modestWindow),
      loadedContext: running?.contextLength ?? null,
    };
    return capabilities && !capabilities.has('tools')
      ? { ...status, state: 'no-tools', hint: toolsHint(model) }
      : status;
  } catch (thrown) {
    const error = toStrelkaError(thrown);
    return { ...status, state: error.kind === 'model-missing' ? 'no-model' : 'unreachable', hint: error.message };
  } finally {
    deadline.close();
  }
}

function unseen({ ollama, model }: StandbySource): StandbyStatus {
  const nothing = { version: null, model, contextWindow: null, loadedContext: null };
  return ollama && model !== null
    ? { ...nothing, state: 'unknown', hint: null }
    : { ...nothing, state: 'off', hint: 'No local model stands by. Set OLLAMA_MODEL, for example to qwen3-coder:30b.' };
}

function pullHint(model: string): string {
  return `Ollama does not have the model ${model}. Fetch it with: ${pullCommand(model)}`;
}

function toolsHint(model: string): string {
  return `The model ${model} can't call tools, so no agent can work with it. Fetch one that can, such as qwen3-coder:30b, with: ${pullCommand('qwen3-coder:30b')}, and name it in OLLAMA_MODEL.`;
}
