import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { Standby } from '../../../proxy/failover/standby.ts';
import { Connections } from '../../../proxy/upstream/connection.ts';
import { Ollama } from '../../../proxy/upstream/ollama.ts';
import { coder, type OllamaAnswer, startFakeOllama, thinker } from '../../fakes/ollama.ts';

async function open(t: TestContext, model: string | null = coder.name, maxContext: number | null = null) {
  const fake = await startFakeOllama();
  t.after(() => fake.close());
  const connections = new Connections(1_000);
  t.after(() => connections.destroy());
  const at = (baseUrl: string) =>
    new Ollama({ id: 'ollama', name: 'Ollama', baseUrl, headers: {}, connections, keepAlive: '30m', maxContext });
  const standby = new Standby({ ollama: at(fake.url), model });
  return { fake, standby, at };
}

describe('the standby', () => {
  it('is off without a model, and says what to set', async (t) => {
    const { fake, standby } = await open(t, null);
    const status = await standby.probe();
    assert.equal(status.state, 'off');
    assert.match(status.hint ?? '', /OLLAMA_MODEL/);
    assert.equal(standby.canStandIn, false);
    assert.deepEqual(await standby.warmUp(), status);
    assert.deepEqual(fake.paths, []);
  });

  it('is unknown until it was looked at', async (t) => {
    const { standby } = await open(t);
    assert.deepEqual(standby.status, {
      state: 'unknown',
      version: null,
      model: coder.name,
      contextWindow: null,
      loadedContext: null,
      hint: null,
    });
  });

  it('finds that Ollama does not run, and that it runs again', async (t) => {
    const { fake, standby, at } = await open(t);
    await fake.close();
    const down = await standby.probe();
    assert.deepEqual([down.state, down.version], ['unreachable', null]);
    assert.match(down.hint ?? '', /^Ollama is not running at 127\.0\.0\.1:\d+\. Start it with: ollama serve$/);
    assert.equal(standby.canStandIn, false);
    const risen = await startFakeOllama();
    t.after(() => risen.close());
    standby.use({ ollama: at(risen.url), model: coder.name });
    assert.equal(standby.status.state, 'unknown', 'another address was not looked at yet');
    assert.equal((await standby.probe()).state, 'cold');
  });

  it('finds what it can hold, and whether it is warm', async (t) => {
    const { fake, standby } = await open(t);
    assert.deepEqual(await standby.probe(), {
      state: 'cold',
      version: '0.33.0',
      model: coder.name,
      contextWindow: 262_144,
      loadedContext: null,
      hint: null,
    });
    fake.loaded.set(coder.name, 32_768);
    const warm = await standby.probe();
    assert.deepEqual([warm.state, warm.loadedContext], ['warm', 32_768]);
    fake.loaded.clear();
    assert.equal((await standby.probe()).state, 'cold');
  });

  it('knows a model without its usual tag', async (t) => {
    const { standby } = await open(t, 'glm-4.7-flash');
    const { state, contextWindow } = await standby.probe();
    assert.deepEqual([state, contextWindow], ['cold', thinker.contextLength]);
  });

  it('names the command for a model that is not there', async (t) => {
    const { fake, standby } = await open(t, 'qwen3-coder:480b');
    const status = await standby.probe();
    assert.deepEqual([status.state, status.version], ['no-model', '0.33.0']);
    assert.match(status.hint ?? '', /ollama pull qwen3-coder:480b$/);
    await standby.warmUp();
    assert.equal(fake.loads.length, 0);
  });

  it('refuses a model that can’t call tools, and takes one whose Ollama can’t tell', async (t) => {
    const { fake, standby } = await open(t);
    fake.models = [{ ...coder, capabilities: ['completion'] }];
    const status = await standby.probe();
    assert.equal(status.state, 'no-tools');
    assert.match(status.hint ?? '', /ollama pull/);
    fake.models = [{ name: coder.name, contextLength: 8_192 }];
    assert.equal((await standby.probe()).state, 'cold', 'what a model can do is asked anew with each look');
  });

  it('tells the window that the settings allow', async (t) => {
    const { standby } = await open(t, coder.name, 40_000);
    assert.equal((await standby.probe()).contextWindow, 40_000);
  });

  it('looks once for all who ask at a time', async (t) => {
    const { fake, standby } = await open(t);
    await Promise.all([standby.probe(), standby.probe(), standby.probe()]);
    assert.equal(fake.paths.filter((path) => path === 'GET /api/version').length, 1);
    await standby.probe();
    assert.equal(fake.paths.filter((path) => path === 'GET /api/version').length, 2);
  });

  it('tells something that is no Ollama apart', async (t) => {
    const { fake, standby, at } = await open(t);
    standby.use({ ollama: at(`${fake.url}/elsewhere`), model: coder.name });
    const status = await standby.probe();
    assert.equal(status.state, 'no-model');
    assert.match(status.hint ?? '', /Check OLLAMA_BASE_URL/);
  });
});

describe('warming up', () => {
  it('loads the model by an empty chat, for the context that coding agents need', async (t) => {
    const { fake, standby } = await open(t);
    const status = await standby.warmUp();
    assert.deepEqual([status.state, status.loadedContext], ['warm', 65_536]);
    assert.deepEqual(
      fake.loads.map(({ messages, keep_alive, options }) => ({ messages, keep_alive, options })),
      [{ messages: [], keep_alive: '30m', options: { num_ctx: 65_536 } }],
    );
    await standby.warmUp();
    assert.equal(fake.loads.length, 1, 'what is warm stays as it is');
    await standby.warmUp(100_000);
    assert.deepEqual(fake.loads[1]?.options, { num_ctx: 131_072 });
  });

  it('is told while it lasts, happens once, and a look beside it changes nothing', async (t) => {
    const { fake, standby } = await open(t);
    const loading = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<OllamaAnswer | undefined>();
    fake.onLoad = () => {
      loading.resolve();
      return gate.promise;
    };
    const all = Promise.all([standby.warmUp(), standby.warmUp()]);
    await loading.promise;
    assert.equal(standby.status.state, 'warming');
    assert.equal(standby.canStandIn, true);
    assert.equal((await standby.probe()).state, 'warming');
    gate.resolve(undefined);
    const [status] = await all;
    assert.equal(status?.state, 'warm');
    assert.equal(standby.status.state, 'warm');
    assert.equal(fake.loads.length, 1);
  });

  it('takes half where the memory does not suffice, and tells the smaller window', async (t) => {
    const { fake, standby } = await open(t);
    fake.onLoad = ({ options }) =>
      (options?.num_ctx ?? 0) > 32_768
        ? { status: 500, body: { error: 'llama runner process has terminated: cudaMalloc failed: out of memory' } }
        : undefined;
    const status = await standby.warmUp();
    assert.deepEqual([status.state, status.loadedContext, status.contextWindow], ['warm', 32_768, 32_768]);
  });

  it('that fails leaves the reason as the hint, and another one is tried', async (t) => {
    const { fake, standby } = await open(t);
    fake.onLoad = () => ({ status: 500, body: { error: 'llama runner process has terminated: exit status 2' } });
    const failed = await standby.warmUp();
    assert.equal(failed.state, 'cold');
    assert.match(failed.hint ?? '', /exit status 2/);
    fake.onLoad = () => undefined;
    assert.equal((await standby.warmUp()).state, 'warm');
    assert.equal(standby.status.hint, null);
  });

  it('is about nothing any more once the settings name another model', async (t) => {
    const { fake, standby, at } = await open(t);
    const loading = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<OllamaAnswer | undefined>();
    fake.onLoad = () => {
      loading.resolve();
      return gate.promise;
    };
    const first = standby.warmUp();
    await loading.promise;
    standby.use({ ollama: at(fake.url), model: thinker.name });
    assert.equal(standby.status.state, 'unknown');
    gate.resolve(undefined);
    await first;
    assert.equal(standby.status.model, thinker.name);
    assert.equal((await standby.probe()).state, 'cold');
  });
});
