import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** What goes over the control socket: one JSON object a line each way. */
export const controlRequestSchema = z.strictObject({ command: z.string(), arguments: z.unknown() });
export const controlAnswerSchema = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ error: z.strictObject({ kind: z.string(), message: z.string() }) }),
]);
export type ControlAnswer = z.infer<typeof controlAnswerSchema>;

/** Longer lines are no commands. */
const longestLine = 1024 * 1024;

/** @returns the lines that come, decoded as JSON; a line that is none becomes undefined */
export async function* readLines(socket: Socket): AsyncGenerator<unknown> {
  for await (const line of createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.length > longestLine) return;
    yield parse(line);
  }
}

/** Writes one line. */
export function writeLine(socket: Socket, value: unknown): void {
  socket.write(`${JSON.stringify(value)}\n`);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
