import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { type ChatUpstream, startChatUpstream } from '../fakes/chat-upstream.ts';
import { post, startTestGateway, type TestGateway } from '../fakes/gateway.ts';

const parameters = { type: 'object', properties: { file_path: { type: 'string' } }, required: ['file_path'] };
const messages = [{ role: 'user', content: 'Read both files' }];
const claudeRequest = { model: 'claude-opus-5', max_tokens: 100, messages };
const claudeTools = [{ name: 'Read', input_schema: parameters }];
const chatTools = [{ type: 'function', function: { name: 'Read', parameters } }];
const function_ = { name: 'Read', parameters };

const messageSchema = z.object({
  content: z.array(z.looseObject({ type: z.string(), input: z.unknown().optional() })),
  stop_reason: z.string(),
});
const completionSchema = z.object({
  choices: z.array(
    z.object({
      message: z.looseObject({
        function_call: z.object({ arguments: z.string() }).optional(),
        tool_calls: z.array(z.object({ function: z.object({ arguments: z.string() }) })).optional(),
      }),
      finish_reason: z.string(),
    }),
  ),
});

// A model that ignores the wish: two calls, whatever it is told, natively or as text.
for (const dialect of ['native', 'glm-text'] as const)
  describe(`a client that takes one call at a time (${dialect} calls)`, () => {
    let upstream: ChatUpstream;
    let gateway: TestGateway;
    before(async () => {
      upstream = await startChatUpstream(() => ({
        toolCalls: ['/a', '/b'].map((file_path) => ({ name: 'Read', arguments: { file_path } })),
        dialect,
      }));
      // The second model's upstream has no such field at all.
      gateway = await startTestGateway(upstream.url, {
        mapping: { big: [{ model: 'obedient' }], small: [{ model: 'fieldless' }] },
        profiles: [{ match: 'fieldless', profile: { parallelToolCalls: false } }],
      });
    });
    after(async () => {
      await gateway.drain(0);
      await upstream.close();
    });

    const callsOf = async (body: object): Promise<unknown[]> => {
      const response = await post(gateway, '/v1/messages', body);
      const { content, stop_reason } = messageSchema.parse(await response.json());
      assert.equal(stop_reason, 'tool_use');
      return content.filter(({ type }) => type === 'tool_use').map(({ input }) => input);
    };

    for (const [model, sent] of [
      ['claude-opus-5', false],
      ['claude-haiku-4-5', undefined],
    ] as const)
      it(`gets the first call of ${model}`, async () => {
        const tool_choice = { type: 'auto', disable_parallel_tool_use: true };
        const calls = await callsOf({ ...claudeRequest, model, tools: claudeTools, tool_choice });
        assert.deepEqual(calls, [{ file_path: '/a' }]);
        assert.equal(upstream.requests.at(-1)?.body.parallel_tool_calls, sent);
      });

    it('gets both calls where it does not say so', async () => {
      const calls = await callsOf({ ...claudeRequest, tools: claudeTools });
      assert.deepEqual(calls, [{ file_path: '/a' }, { file_path: '/b' }]);
    });

    it('gets one call through the OpenAI door', async () => {
      const body = { model: 'gpt-5', messages, tools: chatTools, parallel_tool_calls: false };
      const response = await post(gateway, '/v1/chat/completions', body);
      const [choice] = completionSchema.parse(await response.json()).choices;
      assert.deepEqual(
        choice?.message.tool_calls?.map((call) => JSON.parse(call.function.arguments)),
        [{ file_path: '/a' }],
      );
      assert.equal(choice?.finish_reason, 'tool_calls');
    });

    it('gets one function call in the older form', async () => {
      const response = await post(gateway, '/v1/chat/completions', {
        model: 'gpt-5',
        messages,
        functions: [function_],
      });
      const [choice] = completionSchema.parse(await response.json()).choices;
      assert.equal(choice?.message.function_call?.arguments, '{"file_path":"/a"}');
    });

    it('is told of in the log, for each answer that lost a call', async () => {
      await gateway.drain(1_000);
      const dropped = gateway.lines.filter(({ fields }) => /\bparallel-call-dropped$/.test(String(fields.repairs)));
      const answered = gateway.lines.filter(({ message }) => message === 'answered');
      assert.deepEqual([dropped.length, answered.length], [4, 5]);
    });
  });
