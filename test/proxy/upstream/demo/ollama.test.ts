import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jsonOf, openDemo, readTool, user } from './demo.ts';

function linesOf(text: string) {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the simulated Ollama', () => {
  it('says that it runs, and what it has', async (t) => {
    const { demo, get, ollama } = await openDemo(t);
    const json = async (path: string) => jsonOf(get(`${demo.ollamaUrl}${path}`));
    assert.equal(await (await get(demo.ollamaUrl)).text(), 'Ollama is running');
    assert.match((await json('/api/version')).version, /^\d+\.\d+\.\d+$/);
    const { models } = await json('/api/tags');
    assert.ok(
      models.some(({ name, size }: { name: string; size: number }) => name === 'qwen3-coder:30b' && size > 1e9),
    );
    assert.deepEqual((await json('/v1/models')).data[0].object, 'model');
    const shown = await jsonOf(ollama('/api/show', { model: 'glm-4.7-flash' }));
    assert.equal(shown.model_info[`${shown.details.family}.context_length`], 202_752);
    assert.deepEqual(shown.capabilities, ['completion', 'tools', 'thinking']);
    assert.equal((await get(`${demo.ollamaUrl}/api/nothing`)).status, 404);
  });

  it('answers line by line: thoughts, words, counts', async (t) => {
    const { ollama } = await openDemo(t);
    const lines = linesOf(
      await (await ollama('/api/chat', { model: 'glm-4.7-flash', messages: [user('Hello')] })).text(),
    );
    const last = lines.at(-1);
    assert.equal(last.done, true);
    assert.equal(last.done_reason, 'stop');
    assert.ok(last.prompt_eval_count > 0 && last.eval_count > 0);
    assert.ok(lines.slice(0, -1).every(({ done }) => done === false));
    assert.match(lines.map(({ message }) => message.content).join(''), /^\[demo\] .*Ollama.*"Hello"/);
    assert.match(lines.map(({ message }) => message.thinking ?? '').join(''), /thinking/);
    const silent = linesOf(
      await (await ollama('/api/chat', { model: 'glm-4.7-flash', think: false, messages: [user('Hello')] })).text(),
    );
    assert.ok(silent.every(({ message }) => !('thinking' in message)));
  });

  it('answers as one object, in the format that is asked', async (t) => {
    const { ollama } = await openDemo(t);
    const format = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    const body = { model: 'qwen3-coder:30b', stream: false, format, messages: [user('Hello')] };
    const answer = await jsonOf(ollama('/api/chat', body));
    assert.equal(answer.done, true);
    assert.deepEqual(JSON.parse(answer.message.content), { n: 1 });
  });

  it('calls tools with arguments as an object, and sums their answer up', async (t) => {
    const { ollama } = await openDemo(t);
    const body = { model: 'gpt-oss:20b', stream: false, tools: [readTool] };
    const called = await jsonOf(ollama('/api/chat', { ...body, messages: [user('Прочитай a.txt')] }));
    assert.deepEqual(called.message.tool_calls, [{ function: { name: 'Read', arguments: { file_path: 'a.txt' } } }]);
    const streamed = linesOf(
      await (await ollama('/api/chat', { ...body, stream: true, messages: [user('read a.txt')] })).text(),
    );
    assert.equal(streamed.filter(({ message }) => message.tool_calls).length, 1);
    const messages = [user('read a.txt'), { role: 'tool', content: 'one' }];
    const summed = await jsonOf(ollama('/api/chat', { ...body, messages }));
    assert.match(summed.message.content, /^\[demo\] The tool answered/);
  });

  it('loads and unloads a model, and tells which are in memory', async (t) => {
    const { demo, get, ollama } = await openDemo(t);
    const loaded = async () => (await jsonOf(get(`${demo.ollamaUrl}/api/ps`))).models;
    assert.deepEqual(await loaded(), []);
    const load = await jsonOf(ollama('/api/chat', { model: 'glm-4.7-flash', options: { num_ctx: 65_536 } }));
    assert.equal(load.done_reason, 'load');
    const [model] = await loaded();
    assert.equal(model.name, 'glm-4.7-flash:latest');
    assert.equal(model.context_length, 65_536);
    assert.ok(Date.parse(model.expires_at) > Date.now());
    const unload = await jsonOf(ollama('/api/chat', { model: 'glm-4.7-flash', messages: [], keep_alive: 0 }));
    assert.equal(unload.done_reason, 'unload');
    assert.deepEqual(await loaded(), []);
  });

  it("refuses as Ollama does: a missing model, a prompt that doesn't fit, no JSON", async (t) => {
    const { ollama } = await openDemo(t);
    const missing = await ollama('/api/chat', { model: 'llama9', messages: [user('Hello')] });
    assert.equal(missing.status, 404);
    assert.deepEqual(await jsonOf(missing), { error: "model 'llama9' not found" });
    assert.equal((await ollama('/api/show', { model: 'llama9' })).status, 404);
    const long = { model: 'gpt-oss:20b', messages: [user('word '.repeat(5000))], options: { num_ctx: 2048 } };
    const refused = await ollama('/api/chat', { ...long, truncate: false });
    assert.equal(refused.status, 400);
    assert.match((await jsonOf(refused)).error, /^the prompt is longer than the context length/);
    assert.equal((await ollama('/api/chat', { ...long, stream: false })).status, 200);
    assert.equal((await ollama('/api/chat', '{')).status, 400);
  });

  it('is healthy whatever the simulated cloud.ru does', async (t) => {
    const { ollama, state } = await openDemo(t);
    state.fault = 'server-error';
    const answer = await ollama('/api/chat', {
      model: 'gpt-oss:20b',
      stream: false,
      messages: [user('[fault: html]')],
    });
    assert.equal(answer.status, 200);
  });

  it('stops at once when the client leaves', async (t) => {
    const { logged, ollama } = await openDemo(t);
    const leaving = new AbortController();
    const response = await ollama('/api/chat', { model: 'gpt-oss:20b', messages: [user('Hello')] }, leaving.signal);
    leaving.abort();
    await logged('simulated Ollama: the client left');
    await assert.rejects(response.text(), { name: 'AbortError' });
  });
});
