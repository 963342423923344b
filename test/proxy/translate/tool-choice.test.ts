import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SampleOptions, translateSample } from './request-sample.ts';

const tools = [{ name: 'Read' }, { name: 'Bash' }];

function chat(tool_choice: unknown, options?: SampleOptions) {
  return translateSample({ tools, tool_choice, system: 'S' }, options).chat;
}

describe('tool_choice', () => {
  const mapped: [unknown, unknown][] = [
    [undefined, undefined],
    [null, undefined],
    [{ type: 'auto' }, 'auto'],
    [{ type: 'any' }, 'required'],
    [
      { type: 'tool', name: 'Read' },
      { type: 'function', function: { name: 'Read' } },
    ],
    [{ type: 'none' }, 'none'],
    [{ type: 'whim' }, 'auto'],
  ];
  for (const [choice, expected] of mapped)
    it(`${JSON.stringify(choice)} becomes ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(chat(choice).tool_choice, expected);
      assert.equal(chat(choice).messages[0]?.content, 'S');
    });

  it('none still sends the tools, which the history may name, and declares none to the repairs', () => {
    const translated = translateSample({ tools, tool_choice: { type: 'none' } });
    assert.equal(translated.chat.tools?.length, 2);
    assert.equal(translated.tools.size, 0);
    assert.equal(translateSample({ tools }).tools.size, 2);
  });

  it('becomes an instruction where a call can’t be forced', () => {
    const profile = { forcedToolChoice: false };
    const one = chat({ type: 'tool', name: 'Read' }, { profile });
    assert.equal(one.tool_choice, 'auto');
    assert.equal(one.messages[0]?.content, 'S\n\nYour next answer must call the tool Read.');
    const any = chat({ type: 'any' }, { profile });
    assert.equal(any.tool_choice, 'auto');
    assert.equal(any.messages[0]?.content, 'S\n\nYour next answer must call one of the tools.');
    assert.equal(chat({ type: 'none' }, { profile }).tool_choice, 'none');
    const alone = translateSample({ tools, tool_choice: { type: 'any' } }, { profile }).chat.messages[0];
    assert.equal(alone?.role, 'system');
  });

  it('passes on that calls must not be parallel, where that is understood', () => {
    const serial = (type: string, options?: SampleOptions) =>
      chat({ type, name: 'Read', disable_parallel_tool_use: true }, options).parallel_tool_calls;
    for (const type of ['auto', 'any', 'tool']) assert.equal(serial(type), false);
    assert.equal(serial('auto', { profile: { parallelToolCalls: false } }), undefined);
    assert.equal(chat({ type: 'auto', disable_parallel_tool_use: false }).parallel_tool_calls, undefined);
  });

  it('says that the client takes one call, whether or not that can be passed on', () => {
    const once = (tool_choice: unknown, options?: SampleOptions) =>
      translateSample({ tools, tool_choice }, options).oneCallOnly;
    for (const parallelToolCalls of [true, false])
      for (const forcedToolChoice of [true, false])
        for (const type of ['auto', 'any', 'tool', 'whim']) {
          const options = { profile: { parallelToolCalls, forcedToolChoice } };
          assert.equal(once({ type, name: 'Read', disable_parallel_tool_use: true }, options), true);
          assert.equal(once({ type, name: 'Read' }, options), false);
        }
    assert.equal(once(undefined), false);
    assert.equal(once({ type: 'none', disable_parallel_tool_use: true }), false);
    const chosen = { type: 'auto', disable_parallel_tool_use: true };
    assert.equal(translateSample({ tool_choice: chosen }).oneCallOnly, false);
  });

  it('of a tool that is not declared is refused', () => {
    assert.throws(() => chat({ type: 'tool', name: 'Write' }), {
      kind: 'invalid-request',
      message: "tool_choice.name: Tool 'Write' not found in provided tools",
    });
    assert.throws(() => translateSample({ tool_choice: { type: 'any' } }), { kind: 'invalid-request' });
  });
});
