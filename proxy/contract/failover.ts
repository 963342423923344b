import { z } from 'zod';
import { tierSchema } from './settings.ts';

const mode = z.enum(['auto', 'cloud', 'local']);
const namedTarget = z.strictObject({ upstream: z.string(), model: z.string() });

/** Of the gateway as a whole, as the tray shows it. Mode is what the user wants, this is what is. */
export const overallStateSchema = z.enum(['healthy', 'degraded', 'failed-over', 'recovering', 'down']);
export type OverallState = z.infer<typeof overallStateSchema>;

/** `key`: the key is refused or the balance empty. `held-*`: by hand. */
export const breakerNameSchema = z.enum([
  'closed',
  'degraded',
  'open',
  'half-open',
  'recovering',
  'key',
  'held-open',
  'held-closed',
]);
export type BreakerName = z.infer<typeof breakerNameSchema>;

/** Why something changed. */
export const failoverCauseSchema = z.discriminatedUnion('by', [
  z.strictObject({
    by: z.literal('failures'),
    /** An ErrorKind. */
    kind: z.string(),
    /** HTTP status of the upstream's answer, where there was one. */
    status: z.number().nullable(),
    /** Failures that decided it. */
    count: z.number(),
    /** All of them were of this kind and status. */
    alike: z.boolean(),
  }),
  /** Requests or probes went well. */
  z.strictObject({ by: z.literal('success') }),
  z.strictObject({ by: z.literal('time') }),
  z.strictObject({ by: z.literal('hand') }),
  /** Settings or keys were changed, or the standby came or went. */
  z.strictObject({ by: z.literal('setup') }),
]);
export type FailoverCause = z.infer<typeof failoverCauseSchema>;

/** What a breaker watches: an upstream (model null) or one model on it. `name` is for a person: "cloud.ru". */
export const subjectSchema = z.strictObject({ upstream: z.string(), model: z.string().nullable(), name: z.string() });
export type Subject = z.infer<typeof subjectSchema>;

const event = { at: z.number(), sentence: z.string() };

/** What happened: facts by `kind`, from which a UI words it in its language, and an English sentence. `at` is epoch ms. */
export const failoverEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...event, kind: z.literal('mode-changed'), from: mode, to: mode }),
  z.strictObject({
    ...event,
    kind: z.literal('breaker-changed'),
    subject: subjectSchema,
    from: breakerNameSchema,
    to: breakerNameSchema,
    cause: failoverCauseSchema,
    /** Epoch ms of the first trial; only of an open breaker. */
    retryAt: z.number().nullable(),
  }),
  z.strictObject({
    ...event,
    kind: z.literal('target-switched'),
    from: subjectSchema,
    to: subjectSchema,
    cause: failoverCauseSchema,
  }),
  z.strictObject({ ...event, kind: z.literal('state-changed'), from: overallStateSchema, to: overallStateSchema }),
]);
export type FailoverEvent = z.infer<typeof failoverEventSchema>;

const lastError = z.strictObject({ kind: z.string(), status: z.number().nullable(), at: z.number() });

const health = {
  state: breakerNameSchema,
  /** Epoch ms of the next trial; only while open. */
  retryAt: z.number().nullable(),
  /** Share of failures among the recent outcomes, 0 to 1; null where there are none. */
  errorRate: z.number().nullable(),
  /** How many recent outcomes that share is of. */
  n: z.number(),
  lastError: lastError.nullable(),
};
export type LastError = z.infer<typeof lastError>;

/** The supervisor's part of `strelka status --json`. Times are epoch ms. */
export const failoverStatusSchema = z.strictObject({
  mode,
  state: overallStateSchema,
  /** Where a new conversation of the big tier goes; null where the mode allows no target. */
  active: namedTarget.nullable(),
  since: z.number(),
  upstreams: z.array(z.strictObject({ id: z.string(), name: z.string(), local: z.boolean(), ...health })),
  /** `state` is the worse one of the model's own breaker and its upstream's. */
  targets: z.array(
    z.strictObject({
      ...namedTarget.shape,
      tiers: z.array(tierSchema),
      standby: z.boolean(),
      ...health,
      /** Milliseconds to the first part of an answer: half and 95 of 100 were no slower. */
      ttftMs: z.strictObject({ p50: z.number(), p95: z.number() }).nullable(),
    }),
  ),
  standby: z.strictObject({ target: namedTarget.nullable(), ready: z.boolean() }),
  counts: z.strictObject({
    attempts: z.number(),
    good: z.number(),
    bad: z.number(),
    /** Client's own faults, clients that left, rate limits. */
    neutral: z.number(),
    /** Answers that broke after their first byte had gone to the client. */
    afterCommit: z.number(),
    trials: z.number(),
    switches: z.number(),
  }),
});
export type FailoverStatus = z.infer<typeof failoverStatusSchema>;
