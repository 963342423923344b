import type { Settings } from '../../proxy/contract/settings.ts';
import { codeOf, refuse } from './refusal.ts';

/**
 * Turns a failure to listen into one sentence that names the setting and the mend; any other failure is thrown on.
 * @param error what the gateway's start rejected with
 */
export function refuseListening(error: unknown, settings: Settings): never {
  const { host, port } = settings.server;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return refuse(
        `Port ${port} on ${host} is in use, perhaps by another Strelka: stop that, or choose another with --port, PORT or server.port (0 takes a free one).`,
        error,
      );
    case 'EACCES':
      return refuse(
        `Port ${port} on ${host} needs rights that this user lacks: choose one above 1023 with --port, PORT or server.port.`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return refuse(
        `This machine has no address "${host}" to listen on: set --host, HOST or server.host to 127.0.0.1, or to one of its own addresses.`,
        error,
      );
    default:
      throw error;
  }
}
