import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import type { ChatRequest } from '../../../proxy/openai/chat-request.ts';
import { usesFunctions } from '../../../proxy/translate/chat-tools.ts';
import { chatSample, functionTool, translateChatSample } from './chat-sample.ts';

const tools = [functionTool('read'), functionTool('write')];

function sent(fields: Record<string, unknown>, profile = {}): Partial<ChatRequest> {
  const {
    tool_choice,
    parallel_tool_calls,
    tools: declared,
  } = translateChatSample({ tools, ...fields }, { profile }).chat;
  return {
    ...(declared && { tools: declared }),
    ...(tool_choice && { tool_choice }),
    ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
  };
}

function namesOf(request: Partial<ChatRequest>): string[] {
  return request.tools?.map((tool) => tool.function.name) ?? [];
}

function refusal(fields: Record<string, unknown>): StrelkaError {
  try {
    sent(fields);
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    return error;
  }
  assert.fail('was let through');
}

describe('tools', () => {
  it('go with description, strictness and a schema that servers take', () => {
    const parameters = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { mode: { const: 'fast' } },
    };
    const tool = { type: 'function', function: { name: 'run', description: 'Runs.', strict: true, parameters } };
    const { chat, tools: declared } = translateChatSample({ tools: [tool] });
    assert.deepEqual(chat.tools, [
      {
        type: 'function',
        function: {
          name: 'run',
          description: 'Runs.',
          strict: true,
          parameters: { type: 'object', properties: { mode: { enum: ['fast'] } } },
        },
      },
    ]);
    assert.deepEqual(declared.get('run'), { name: 'run', schema: parameters });
  });

  it('that are no functions are refused by name', () => {
    const error = refusal({ tools: [...tools, { type: 'web_search' }] });
    assert.equal(error.kind, 'unsupported-tool');
    assert.equal(error.detail.param, 'tools[2].type');
    assert.match(error.message, /tools\[2\] is of the type "web_search"/);
    assert.equal(refusal({ tools: [{ type: 'custom', custom: { name: 'x' } }] }).kind, 'unsupported-tool');
  });
});

describe('tool_choice', () => {
  for (const choice of ['auto', 'none', 'required', { type: 'function', function: { name: 'write' } }])
    it(`goes as it came: ${JSON.stringify(choice)}`, () => {
      assert.deepEqual(sent({ tool_choice: choice }).tool_choice, choice);
    });

  it('is not sent where it is not said, nor without tools', () => {
    assert.equal(sent({}).tool_choice, undefined);
    assert.deepEqual(sent({ tools: undefined, tool_choice: 'auto' }), {});
    assert.deepEqual(sent({ tools: [], tool_choice: 'none', parallel_tool_calls: false }), {});
  });

  it('becomes a sentence where the upstream knows auto only', () => {
    const { chat } = translateChatSample({ tools, tool_choice: 'required' }, { profile: { forcedToolChoice: false } });
    assert.equal(chat.tool_choice, 'auto');
    assert.match(String(chat.messages[0]?.content), /must call one of the tools/);
  });

  it('of allowed tools leaves the others out', () => {
    const choice = (mode: string) => ({
      type: 'allowed_tools',
      allowed_tools: { mode, tools: [{ type: 'function', function: { name: 'write' } }] },
    });
    const request = sent({ tool_choice: choice('required') });
    assert.deepEqual(namesOf(request), ['write']);
    assert.equal(request.tool_choice, 'required');
    assert.equal(sent({ tool_choice: choice('auto') }).tool_choice, 'auto');
  });

  it('that the declared tools do not allow is refused', () => {
    for (const fields of [
      { tool_choice: { type: 'function', function: { name: 'delete' } } },
      { tool_choice: { type: 'function' } },
      { tool_choice: 'required', tools: [] },
      { tool_choice: 'sometimes' },
      { tool_choice: { type: 'allowed_tools', allowed_tools: { tools: [{ function: { name: 'delete' } }] } } },
    ]) {
      const error = refusal(fields);
      assert.equal(error.kind, 'invalid-request', JSON.stringify(fields));
      assert.equal(error.detail.param, 'tool_choice');
    }
  });

  it('none: no tool may be called, so that none is found in text either', () => {
    assert.equal(translateChatSample({ tools, tool_choice: 'none' }).tools.size, 0);
  });
});

describe('parallel_tool_calls', () => {
  it('goes as it came where the upstream knows it', () => {
    assert.equal(sent({ parallel_tool_calls: false }).parallel_tool_calls, false);
    assert.equal(sent({ parallel_tool_calls: true }).parallel_tool_calls, true);
    assert.equal(sent({}).parallel_tool_calls, undefined);
    for (const asked of [true, false])
      assert.equal(sent({ parallel_tool_calls: asked }, { parallelToolCalls: false }).parallel_tool_calls, undefined);
  });
});

describe('deprecated functions', () => {
  const functions = [{ name: 'read', parameters: { type: 'object', properties: {} } }, { name: 'write' }];

  it('are tools that are called one at a time', () => {
    const request = sent({ tools: undefined, functions, function_call: { name: 'write' } });
    assert.deepEqual(namesOf(request), ['read', 'write']);
    assert.deepEqual(request.tool_choice, { type: 'function', function: { name: 'write' } });
    assert.equal(request.parallel_tool_calls, false);
    assert.equal(sent({ tools: undefined, functions, function_call: 'none' }).tool_choice, 'none');
  });

  it('tell a client of the older form', () => {
    assert.equal(usesFunctions(chatSample({ functions })), true);
    assert.equal(usesFunctions(chatSample({ functions, tools })), false);
    assert.equal(usesFunctions(chatSample({ functions: [] })), false);
  });
});
