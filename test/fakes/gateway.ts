import { type Settings, settingsSchema } from '../../proxy/contract/settings.ts';
import type { Log, LogFields } from '../../proxy/log.ts';
import { type Gateway, startGateway } from '../../proxy/start.ts';

export const clientKey = 'test-client-key';

export interface TestGateway extends Gateway {
  lines: { level: string; message: string; fields: LogFields }[];
}

/** Settings as a file would hold them: every part may be left out. */
export type SettingsInput = { [Name in keyof Settings]?: Partial<Settings[Name]> | Settings[Name] };

/**
 * Starts a real gateway on a free port, in this process, with one upstream.
 * @param baseUrl of the upstream, with /v1; without one the demo answers
 * @param settings laid over the defaults; no retries unless they say so
 */
export async function startTestGateway(
  baseUrl: string | undefined,
  settings: SettingsInput = {},
): Promise<TestGateway> {
  const lines: TestGateway['lines'] = [];
  const parsed = settingsSchema.parse({
    retries: { max: 0 },
    // Probes are requests too: tests that count requests want none.
    failover: { probeIdleMs: 0 },
    ...(baseUrl ? { upstreams: [{ id: 'fake', kind: 'openai-compatible', baseUrl }] } : {}),
    ...settings,
    server: { port: 0, ...settings.server },
  });
  const gateway = await startGateway({
    settings: parsed,
    secrets: { clientKey, upstreamKeys: { fake: ['upstream-key'] } },
    version: '0.0.0-test',
    log: collectLines(lines),
    demo: baseUrl === undefined,
  });
  return { ...gateway, lines };
}

function collectLines(lines: TestGateway['lines']): Log {
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void lines.push({ level, message, fields });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}

/** POSTs to the gateway with the right key. */
export function post(
  gateway: Gateway,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': clientKey,
      'anthropic-version': '2023-06-01',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
