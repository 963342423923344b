import { z } from 'zod';
import { profileSchema } from './profile.ts';

/** A tier of Claude's model names: what opus, sonnet and haiku are mapped to. */
export const tierSchema = z.enum(['big', 'middle', 'small']);
export type Tier = z.infer<typeof tierSchema>;

/** An upstream and a model on it. Without `upstream` the first one is meant. */
export const targetSchema = z.strictObject({
  upstream: z.string().min(1).optional(),
  model: z.string().min(1),
});
export type TargetSetting = z.infer<typeof targetSchema>;

const httpUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });
const milliseconds = z.number().int().min(0).max(86_400_000);

export const upstreamSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and dashes'),
  kind: z.enum(['cloudru', 'openai-compatible', 'ollama']),
  /** With the version, as in https://foundation-models.api.cloud.ru/v1; Ollama's without: http://127.0.0.1:11434 */
  baseUrl: httpUrl,
  /** Headers added to every request. Keys do not belong here: they would be stored in plain text. */
  headers: z.record(z.string(), z.string()).default({}),
});
export type UpstreamSetting = z.infer<typeof upstreamSchema>;

export const presetSchema = z.enum(['glm', 'qwen', 'gpt-oss']);
export type Preset = z.infer<typeof presetSchema>;

/** A model name the client asks for (`*` stands for anything) and where it goes. */
export const mappingPatternSchema = z.strictObject({
  match: z.string().min(1),
  to: z.union([tierSchema, targetSchema]),
});
export type MappingPattern = z.infer<typeof mappingPatternSchema>;

export const profileOverrideSchema = z.strictObject({
  /** Model id, `*` stands for anything. */
  match: z.string().min(1),
  profile: profileSchema.partial(),
});
export type ProfileOverride = z.infer<typeof profileOverrideSchema>;

/**
 * settings.json. Every field has a default, so `{}` is a whole file; unknown fields are refused, so that a misspelt
 * name is told and not silently without effect. Times are in milliseconds.
 */
export const settingsSchema = z.strictObject({
  version: z.literal(1).default(1),
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.number().int().min(0).max(65_535).default(8082),
      /** Host names, besides the loopback's, that requests may carry. Only of use with a host that is not loopback. */
      allowedHosts: z.array(z.string().min(1)).default([]),
      bodyLimitMb: z.number().int().min(1).max(1024).default(64),
    })
    .prefault({}),
  /** The first one is the one that tiers mean when they name none. */
  upstreams: z
    .array(upstreamSchema)
    .min(1)
    .default([{ id: 'cloudru', kind: 'cloudru', baseUrl: 'https://foundation-models.api.cloud.ru/v1', headers: {} }]),
  mapping: z
    .strictObject({
      /** Tried first, in order; the first match wins. */
      patterns: z.array(mappingPatternSchema).default([]),
      /** Fills the tiers that name no target. */
      preset: presetSchema.default('glm'),
      big: z.array(targetSchema).default([]),
      middle: z.array(targetSchema).default([]),
      small: z.array(targetSchema).default([]),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Most tokens of an answer that are asked for; null leaves it to the model's own cap. */
      maxTokens: z.number().int().positive().nullable().default(null),
      /** Fewest tokens of an answer that are asked for; null leaves the client's number. */
      minTokens: z.number().int().positive().nullable().default(null),
      /** Requests that each key of an upstream may make; 0: no limit; null: 15 for cloud.ru, no limit for others. */
      requestsPerSecond: z.number().min(0).nullable().default(null),
    })
    .prefault({}),
  timeouts: z
    .strictObject({
      connectMs: milliseconds.min(1).default(5_000),
      firstByteMs: milliseconds.min(1).default(60_000),
      idleMs: milliseconds.min(1).default(120_000),
      /** The whole of an exchange whose client did not ask for a stream. */
      totalMs: milliseconds.min(1).default(590_000),
    })
    .prefault({}),
  retries: z
    .strictObject({
      /** Further tries at the same target before the first byte. 0 also turns asking again off. */
      max: z.number().int().min(0).max(10).default(2),
      /** Times that a target is asked again after an empty, reasoning-only or broken answer. */
      askAgain: z.number().int().min(0).max(3).default(1),
    })
    .prefault({}),
  /** The local model that stands in; it runs on the first upstream of the kind `ollama`. */
  standby: z
    .strictObject({
      /** As Ollama names it: qwen3-coder:30b. Null: no fallback. */
      model: z.string().min(1).nullable().default(null),
      /** How long a model stays in memory behind its last request, as Ollama writes times; below zero: for ever. */
      keepAlive: z
        .string()
        .regex(/^-?(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/, 'must be a time such as 30m, 2h or -1s (for ever)')
        .default('30m'),
      /** Most tokens of prompt and answer that a local model is loaded for; null leaves it to the model. */
      maxContext: z.number().int().min(2048).nullable().default(null),
    })
    .prefault({}),
  /** When a target counts as ill, and how it is taken back (issue 4). */
  failover: z
    .strictObject({
      /** Failures in a row that open a breaker. */
      consecutive: z.number().int().min(1).max(100).default(3),
      /** So do failures that make this share of at least so many outcomes within the window. */
      share: z.number().gt(0).max(1).default(0.5),
      atLeast: z.number().int().min(1).max(200).default(8),
      windowMs: milliseconds.min(1).default(120_000),
      /** From the opening to the first trial; it doubles with each trial that fails. Twice this is the hold. */
      cooldownMs: milliseconds.default(15_000),
      cooldownMaxMs: milliseconds.default(300_000),
      /** Good trials that end an outage; also the most trial requests at a time. */
      goodTrials: z.number().int().min(1).max(10).default(2),
      /** Longest that a moved conversation stays with its stand-in while its turn lasts. */
      stayMs: milliseconds.default(300_000),
      /** Another target finishes an answer that broke off on its way to the client. */
      takeover: z.boolean().default(true),
      /** Asks the stand-in as well when the first byte is late. */
      hedge: z.boolean().default(false),
      probeIntervalMs: milliseconds.min(1).default(30_000),
      /** Probes stop this long after the last request; 0: there are none. */
      probeIdleMs: milliseconds.default(600_000),
    })
    .prefault({}),
  thinking: z.strictObject({ disabled: z.boolean().default(false) }).prefault({}),
  profiles: z.array(profileOverrideSchema).default([]),
  mode: z.enum(['auto', 'cloud', 'local']).default('auto'),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
  demo: z
    .strictObject({
      /** What the simulated cloud.ru does wrong on purpose. */
      fault: z
        .enum(['none', 'not-found', 'rate-limit', 'server-error', 'html', 'hang', 'empty', 'cut', 'text-tool-call'])
        .default('none'),
    })
    .prefault({}),
});

export type Settings = z.infer<typeof settingsSchema>;

/** @returns the settings of a fresh install */
export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}
