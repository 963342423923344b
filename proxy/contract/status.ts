import { z } from 'zod';
import { failoverEventSchema, failoverStatusSchema } from './failover.ts';

/** Whether the local model could stand in; see proxy/failover/standby.ts. */
export const standbySchema = z.strictObject({
  state: z.enum(['off', 'unknown', 'unreachable', 'no-model', 'no-tools', 'cold', 'warming', 'warm']),
  version: z.string().nullable(),
  model: z.string().nullable(),
  contextWindow: z.number().nullable(),
  loadedContext: z.number().nullable(),
  /** One sentence with the command that mends it. */
  hint: z.string().nullable(),
  ready: z.boolean(),
  target: z.strictObject({ upstream: z.string(), model: z.string() }).nullable(),
});

/** `strelka status --json` (design.md, "The outside contract"). Times are epoch ms. */
export const statusSchema = failoverStatusSchema.extend({
  version: z.string(),
  url: z.string(),
  /** Answers are simulated. */
  demo: z.boolean(),
  standby: standbySchema,
  /** The last notable events, oldest first. */
  events: z.array(failoverEventSchema),
});
export type Status = z.infer<typeof statusSchema>;
