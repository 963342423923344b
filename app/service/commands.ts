import { z } from 'zod';
import { type Status, statusSchema } from '../../proxy/contract/status.ts';
import { StrelkaError } from '../../proxy/errors.ts';

export const modeSchema = z.enum(['auto', 'cloud', 'local']);
export type Mode = z.infer<typeof modeSchema>;

/** What the service can be asked over its control socket: name -> what comes with it and what goes back. */
export const commandSchemas = {
  status: { values: z.strictObject({}), result: statusSchema },
  mode: { values: z.strictObject({ mode: modeSchema }), result: z.strictObject({ mode: modeSchema }) },
  /** Looks at all upstreams now, then tells as `status` does. */
  check: { values: z.strictObject({}), result: statusSchema },
} as const;

/** What answers them. */
export interface CommandHandlers {
  status(): Status;
  check(): Promise<Status>;
  setMode(mode: Mode): Promise<void>;
}

/**
 * @param command its name, as it came
 * @param values what came with it, unchecked
 * @throws StrelkaError 'invalid-request' for an unknown command or wrong values
 */
export async function answerCommand(handlers: CommandHandlers, command: string, values: unknown): Promise<unknown> {
  switch (command) {
    case 'status':
      return handlers.status();
    case 'check':
      return handlers.check();
    case 'mode': {
      const parsed = commandSchemas.mode.values.safeParse(values);
      if (!parsed.success) throw new StrelkaError('invalid-request', 'The mode is auto, cloud or local.');
      await handlers.setMode(parsed.data.mode);
      return parsed.data;
    }
    default:
      throw new StrelkaError(
        'invalid-request',
        `This Strelka knows no command "${command}". Is it of another version?`,
      );
  }
}
