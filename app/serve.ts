import { watchNpm } from './parent.ts';
import { LineWriter } from './service/line-writer.ts';
import { createLog } from './service/log.ts';
import { startService } from './service/service.ts';
import { setupSignals } from './signals.ts';
import { readVersion } from './version.ts';

export interface ServeOptions {
  folder: string;
  host?: string;
  port?: number;
  demo: boolean;
  dashboard: boolean;
}

/** How long exchanges in flight may take to end after SIGTERM (design.md, "The outside contract"). */
const drainMs = 3_000;

/**
 * Runs the headless service until a signal ends the process. When it is ready, the one line on stdout says where it
 * listens; all else goes to stderr.
 * @throws StrelkaError `settings-unusable` where it cannot start
 */
export async function serve(options: ServeOptions): Promise<void> {
  // Who started us may read the ready line and close the pipe: that must not end the service.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const lines = new LineWriter((text) => process.stderr.write(text));
  process.once('exit', () => lines.flush());
  const log = createLog({ level: 'info', write: (line) => lines.write(line) });
  const crash = (error: unknown): void => {
    log.error('Strelka failed and ends. Please report it with this line.', {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const signals = setupSignals(process, (code) => process.exit(code));
  watchNpm(process.env, () => signals.ask('The npm that ran Strelka is gone'));

  const service = await startService({
    folder: options.folder,
    environment: process.env,
    flags: { host: options.host, port: options.port, demo: options.demo },
    version: readVersion(),
    log,
    // Loaded late: unusable settings are told without waiting for tokenizer and HTTP client.
    startGateway: async (gatewayOptions) => (await import('../proxy/start.ts')).startGateway(gatewayOptions),
  });
  signals.whenAsked(async (reason) => {
    log.info(`${reason}: exchanges in flight get ${drainMs / 1000} s to end; a second signal ends Strelka at once.`);
    await service.stop(drainMs);
  });

  process.stdout.write(
    `${JSON.stringify({ event: 'listening', url: service.url, dashboard: null, pid: process.pid })}\n`,
  );
  log.info('Strelka is ready.', { url: service.url, data: options.folder });
  if (options.dashboard) log.notice('--dashboard has no effect yet: the dashboard is not built.');
  if (service.demo && !options.demo)
    log.notice(
      'No cloud.ru key: answers are simulated (demo). Set OPENAI_API_KEY, or run "strelka key set cloudru", and start again.',
    );
  if (options.demo) log.notice('--demo: answers are simulated.');
}
