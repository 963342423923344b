import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { startChatUpstream } from '../fakes/chat-upstream.ts';
import { post, startTestGateway } from '../fakes/gateway.ts';
import { coder, startFakeOllama } from '../fakes/ollama.ts';

const request = { model: 'claude-opus-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] };
const usualAnswers = 20;

async function answerOf(response: Response): Promise<string> {
  assert.equal(response.status, 200, await response.clone().text());
  const message = (await response.json()) as { content: { text?: string }[] };
  return message.content.map(({ text }) => text ?? '').join('');
}

describe('hedging against a warm standby', () => {
  for (const hedge of [true, false])
    it(hedge ? 'answers from it when the first word is later than usual' : 'is off unless asked for', async () => {
      let isSlow = false;
      const release = Promise.withResolvers<void>();
      await using cloud = await startChatUpstream(async () => {
        if (isSlow) await release.promise;
        return { text: 'from the cloud' };
      });
      await using ollama = await startFakeOllama(() => ({ text: 'from the standby' }));
      ollama.loaded.set(coder.name, 65_536);
      const gateway = await startTestGateway(cloud.url, {
        upstreams: [
          { id: 'fake', kind: 'openai-compatible', baseUrl: cloud.url, headers: {} },
          { id: 'ollama', kind: 'ollama', baseUrl: ollama.url, headers: {} },
        ],
        standby: { model: coder.name },
        failover: { hedge },
      });
      await gateway.check();
      assert.equal(gateway.status().standby.state, 'warm');
      for (let turn = 0; turn < usualAnswers; turn++)
        assert.equal(await answerOf(await post(gateway, '/v1/messages', request)), 'from the cloud');

      isSlow = true;
      const answer = post(gateway, '/v1/messages', request).then(answerOf);
      if (hedge) {
        assert.equal(await answer, 'from the standby');
        const slow = cloud.requests.at(-1);
        assert.ok(slow);
        if (!slow.signal.aborted) await once(slow.signal, 'abort');
      }
      release.resolve();
      if (!hedge) {
        assert.equal(await answer, 'from the cloud');
        assert.equal(ollama.chats.length, 0);
      }
      await gateway.drain(0);
    });
});
