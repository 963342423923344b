import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ChatUpstream, startChatUpstream } from '../../../fakes/chat-upstream.ts';
import { post, startTestGateway, type TestGateway } from '../../../fakes/gateway.ts';

const system = `You are a helper.\n\n# Style\n\n${'Be nice and short. '.repeat(400)}`;
const parameters = { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] };
const description = `Reads a file.\n\n${'It is a good tool and it is liked by all. '.repeat(100)}`;
const messages = [{ role: 'user', content: 'Hello' }];

describe('prompt shaping at the gateway', () => {
  let upstream: ChatUpstream;
  let gateway: TestGateway;
  before(async () => {
    upstream = await startChatUpstream(() => ({ text: 'Hi' }));
    gateway = await startTestGateway(upstream.url, {
      mapping: {
        patterns: ['small', 'big', 'small-whole', 'big-shaped'].map((model) => ({
          match: model,
          to: { model: modelOf(model) },
        })),
      },
      profiles: [
        { match: 'qwen3:8b', profile: { shaping: null } },
        {
          match: 'Qwen3-Coder-480B*',
          profile: { shaping: { systemLimit: 2000, toolDescriptionLimit: 500, antiRefusal: true } },
        },
      ],
    });
  });
  after(async () => {
    await gateway.drain(0);
    await upstream.close();
  });

  function modelOf(asked: string): string {
    if (asked === 'small') return 'zai-org/GLM-4.7-Flash';
    if (asked === 'big') return 'zai-org/GLM-5.1';
    return asked === 'small-whole' ? 'qwen3:8b' : 'Qwen/Qwen3-Coder-480B-A35B-Instruct';
  }

  const doors = {
    messages: (model: string) =>
      post(gateway, '/v1/messages', {
        model,
        max_tokens: 50,
        system,
        messages,
        tools: [{ name: 'Read', description, input_schema: parameters }],
      }),
    chat: (model: string) =>
      post(gateway, '/v1/chat/completions', {
        model,
        messages: [{ role: 'system', content: system }, ...messages],
        tools: [{ type: 'function', function: { name: 'Read', description, parameters } }],
      }),
  };

  for (const [door, ask] of Object.entries(doors))
    describe(`through ${door}`, () => {
      const sentFor = async (model: string) => {
        assert.equal((await ask(model)).status, 200);
        const body = upstream.requests.at(-1)?.body;
        const tool = body?.tools?.[0]?.function;
        return { system: String(body?.messages[0]?.content), description: String(tool?.description), tool };
      };

      it('is on for small models and leaves the schema alone', async () => {
        const sent = await sentFor('small');
        assert.match(sent.system, /^CRITICAL: /);
        assert.match(sent.system, /You are a helper\./);
        assert.ok(sent.system.length <= 4000);
        assert.ok(sent.description.startsWith('Reads a file.') && sent.description.length <= 1000);
        assert.equal(sent.tool?.name, 'Read');
        assert.deepEqual(sent.tool?.parameters, parameters);
      });

      it('is off for big models', async () => {
        const sent = await sentFor('big');
        assert.equal(sent.system, system);
        assert.equal(sent.description, description);
      });

      it('is switched off and on by the settings', async () => {
        assert.equal((await sentFor('small-whole')).system, system);
        const shaped = (await sentFor('big-shaped')).system;
        assert.match(shaped, /^CRITICAL: /);
        assert.ok(shaped.length <= 2000);
      });
    });

  it('is shown in the log, and only there where it was', async () => {
    await gateway.drain(1_000);
    const answered = gateway.lines.filter(({ message }) => message === 'answered');
    const shaped = answered.map(({ fields }) => `${fields.model} ${fields.shaped ?? 'whole'}`);
    assert.equal(shaped.length, 8);
    for (const line of shaped)
      assert.match(
        line,
        /GLM-4\.7-Flash system 7\d\d\d>\d{3,4} tools 4\d\d\d>\d{2,3}$|480B-A35B-Instruct system 7\d\d\d>[\d]{3,4} tools|GLM-5\.1 whole|qwen3:8b whole/,
      );
  });
});
