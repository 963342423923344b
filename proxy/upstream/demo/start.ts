import type { Log } from '../../log.ts';
import { makeCloudHandler } from './cloud.ts';
import { startDemoServer } from './demo-server.ts';
import type { DemoFault } from './fault.ts';
import { makeOllamaHandler } from './ollama.ts';

export interface Demo {
  /** The base address of the simulated cloud.ru, with `/v1`, as `baseUrl` of the settings has it. */
  cloudUrl: string;
  /** The address of the simulated Ollama, without a slash at the end. */
  ollamaUrl: string;
  close(): Promise<void>;
}

/**
 * Starts a simulated cloud.ru and a simulated Ollama, so that the first request works without a key. They are real HTTP
 * servers on the loopback, and every answer of theirs says that it is simulated.
 * @param options.fault what the simulated cloud.ru does wrong now; asked anew for each request
 */
export async function startDemo(options: { fault: () => DemoFault; log: Log }): Promise<Demo> {
  const cloud = await startDemoServer('simulated cloud.ru', makeCloudHandler(options.fault), options.log);
  const ollama = await startDemoServer('simulated Ollama', makeOllamaHandler(), options.log);
  return {
    cloudUrl: `${cloud.url}/v1`,
    ollamaUrl: ollama.url,
    close: async () => {
      await Promise.all([cloud.close(), ollama.close()]);
    },
  };
}
