import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { Connections } from '../../../proxy/upstream/connection.ts';
import { OllamaClient } from '../../../proxy/upstream/ollama-client.ts';

const signal = AbortSignal.timeout(10_000);

/** A server that refuses everything with the same words. */
async function clientOf(test: TestContext, body: string): Promise<OllamaClient> {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(404).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connections = new Connections(1_000);
  test.after(async () => {
    server.closeAllConnections();
    server.close();
    await connections.destroy();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new OllamaClient({ name: 'Ollama', baseUrl, headers: {}, connections });
}

describe('the Ollama client', () => {
  it('bears a server that lacks the later endpoints', async (test) => {
    const client = await clientOf(test, '404 page not found');
    assert.deepEqual(await client.running(signal), []);
    assert.deepEqual(await client.show('m', signal), { family: '', contextLength: undefined, capabilities: undefined });
    await assert.rejects(client.tags(signal), StrelkaError);
  });

  it('tells a model that is not there from an endpoint that is not there', async (test) => {
    const client = await clientOf(test, JSON.stringify({ error: "model 'm' not found" }));
    await assert.rejects(client.show('m', signal), { kind: 'model-missing' });
  });
});
