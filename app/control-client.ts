import { once } from 'node:events';
import { connect } from 'node:net';
import { StrelkaError } from '../proxy/errors.ts';
import { controlAddress } from './service/control-address.ts';
import { controlAnswerSchema, readLines, writeLine } from './service/control-line.ts';

/** Nobody listens: no service of this data folder runs. */
export class NotRunning extends Error {}

/**
 * Asks the running service.
 * @param folder its data folder
 * @returns the command's result, unchecked
 * @throws NotRunning; StrelkaError where the service refuses
 */
export async function askService(folder: string, command: string, values: unknown = {}): Promise<unknown> {
  const socket = connect(controlAddress(folder));
  try {
    await once(socket, 'connect');
  } catch (cause) {
    throw new NotRunning(`No Strelka runs on ${folder}. Start it with "npm start", or name its folder with --data.`, {
      cause,
    });
  }
  try {
    writeLine(socket, { command, arguments: values });
    for await (const line of readLines(socket)) {
      const answer = controlAnswerSchema.parse(line);
      if ('result' in answer) return answer.result;
      throw new StrelkaError('settings-unusable', answer.error.message);
    }
    throw new NotRunning('Strelka ended before it answered. Try again.');
  } finally {
    socket.destroy();
  }
}
