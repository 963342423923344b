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
  kind: z.enum(['cloudru', 'openai-compatible']),
  /** With the version, as in https://foundation-models.api.cloud.ru/v1 */
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
