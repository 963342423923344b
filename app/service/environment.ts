import type { Settings, TargetSetting } from '../../proxy/contract/settings.ts';
import { type LogLevel, logLevels } from '../../proxy/log.ts';
import { customHeadersOf } from './custom-headers.ts';
import {
  address,
  amount,
  anyText,
  list,
  oneOf,
  type Reader,
  seconds,
  tokenLimit,
  truth,
  wholeNumber,
} from './environment-values.ts';
import { refuse } from './refusal.ts';
import { setOllama, setPrimary } from './upstreams.ts';

type Change = (settings: Settings) => void;

/** What the environment asks for. Keys are not in here: secrets.ts reads them. */
export interface EnvironmentOverlay {
  /** @returns a copy of the settings with the environment's values on top */
  apply(settings: Settings): Settings;
  /** Values of custom headers that may hold a key. */
  secrets: readonly string[];
}

interface Variable {
  name: string;
  read(text: string): Change;
}

/** Names that users of claude-code-proxy already have, and ours (design.md, "The outside contract"). */
const variables: readonly Variable[] = [
  variable('OPENAI_BASE_URL', address, (settings, baseUrl) => setPrimary(settings, baseUrl)),
  variable('BIG_MODEL', list, (settings, models) => {
    settings.mapping.big = models.map(toTarget);
  }),
  variable('MIDDLE_MODEL', list, (settings, models) => {
    settings.mapping.middle = models.map(toTarget);
  }),
  variable('SMALL_MODEL', list, (settings, models) => {
    settings.mapping.small = models.map(toTarget);
  }),
  variable('HOST', anyText, (settings, host) => {
    settings.server.host = host;
  }),
  variable('PORT', wholeNumber(0, 65_535), (settings, port) => {
    settings.server.port = port;
  }),
  variable(
    'LOG_LEVEL',
    oneOf<LogLevel>(logLevels, { warning: 'warn', critical: 'error', fatal: 'error', trace: 'debug' }),
    (settings, level) => {
      settings.log.level = level;
    },
  ),
  variable('MAX_TOKENS_LIMIT', tokenLimit, (settings, limit) => {
    settings.limits.maxTokens = limit;
  }),
  variable('MIN_TOKENS_LIMIT', tokenLimit, (settings, limit) => {
    settings.limits.minTokens = limit;
  }),
  variable('REQUEST_TIMEOUT', seconds('above 0'), (settings, milliseconds) => {
    settings.timeouts.totalMs = milliseconds;
  }),
  variable('FIRST_BYTE_TIMEOUT', seconds('above 0'), (settings, milliseconds) => {
    settings.timeouts.firstByteMs = milliseconds;
  }),
  variable('IDLE_TIMEOUT', seconds('above 0'), (settings, milliseconds) => {
    settings.timeouts.idleMs = milliseconds;
  }),
  variable('MAX_RETRIES', wholeNumber(0, 10), (settings, max) => {
    settings.retries.max = max;
  }),
  variable('DISABLE_THINKING', truth, (settings, disabled) => {
    settings.thinking.disabled = disabled;
  }),
  variable('STRELKA_MODE', oneOf<Settings['mode']>(['auto', 'cloud', 'local']), (settings, mode) => {
    settings.mode = mode;
  }),
  variable('OLLAMA_BASE_URL', address, (settings, baseUrl) => setOllama(settings, baseUrl)),
  variable('OLLAMA_MODEL', anyText, (settings, model) => {
    settings.standby.model = model;
  }),
  variable('FAILOVER_COOLDOWN', seconds(0), (settings, milliseconds) => {
    settings.failover.cooldownMs = milliseconds;
  }),
  variable('PROBE_INTERVAL', seconds('above 0'), (settings, milliseconds) => {
    settings.failover.probeIntervalMs = milliseconds;
  }),
  variable('RATE_LIMIT_RPS', amount, (settings, perSecond) => {
    settings.limits.requestsPerSecond = perSecond;
  }),
];

/** Names of the variables in the table; keys, STRELKA_HOME and CUSTOM_HEADER_* are read elsewhere. */
export const environmentNames: readonly string[] = variables.map(({ name }) => name);

/**
 * Reads and checks the environment. An empty variable counts as unset.
 * @throws StrelkaError `settings-unusable`, naming the first variable that cannot be used
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): EnvironmentOverlay {
  const changes: Change[] = [];
  for (const { name, read } of variables) {
    const text = environment[name]?.trim() ?? '';
    if (text !== '') changes.push(read(text));
  }
  const custom = customHeadersOf(environment);
  return {
    apply: (settings) => {
      const copy = structuredClone(settings);
      for (const change of changes) change(copy);
      custom.addTo(copy);
      return copy;
    },
    secrets: custom.secrets,
  };
}

function variable<Value>(
  name: string,
  reader: Reader<Value>,
  set: (settings: Settings, value: Value) => void,
): Variable {
  return {
    name,
    read: (text) => {
      const value = reader.read(text);
      if (value === undefined) refuse(`${name} must be ${reader.wanted}, not "${text}": correct or unset it.`);
      return (settings) => set(settings, value);
    },
  };
}

function toTarget(model: string): TargetSetting {
  return { model };
}
