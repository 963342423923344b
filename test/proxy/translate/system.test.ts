import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translateMessages, translateSample } from './request-sample.ts';

const attribution = 'x-anthropic-billing-header: cc_version=2.1.329.abc; cc_entrypoint=cli;';

function leading(system: unknown): unknown {
  const [first] = translateSample({ system }).chat.messages;
  return first?.role === 'system' ? first.content : undefined;
}

describe('the system prompt', () => {
  it('is one leading message, blocks joined by a blank line', () => {
    assert.equal(leading('Be brief.'), 'Be brief.');
    assert.equal(
      leading([
        { type: 'text', text: 'A', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'B' },
      ]),
      'A\n\nB',
    );
  });

  it('is left out where there is none', () => {
    for (const system of [undefined, null, '', '  ', [], [{ type: 'text', text: '' }]])
      assert.equal(leading(system), undefined);
  });

  it('loses the attribution, as a block of its own, as the first line of a block, and of a string', () => {
    assert.equal(
      leading([
        { type: 'text', text: attribution },
        { type: 'text', text: 'A' },
      ]),
      'A',
    );
    assert.equal(leading([{ type: 'text', text: `${attribution}\nA\nB` }]), 'A\nB');
    assert.equal(leading(`${attribution}\n\nA`), 'A');
    assert.equal(leading(attribution), undefined);
  });

  it('keeps a text that only mentions the attribution', () => {
    const text = 'The header x-anthropic-billing-header: is dropped.';
    assert.equal(leading(text), text);
  });

  it('takes up the system messages that stand in front of the conversation', () => {
    const messages = [
      { role: 'system', content: 'B' },
      { role: 'developer', content: [{ type: 'text', text: 'C' }] },
      { role: 'user', content: 'Hi' },
    ];
    assert.deepEqual(translateSample({ system: 'A', messages }).chat.messages, [
      { role: 'system', content: 'A\n\nB\n\nC' },
      { role: 'user', content: 'Hi' },
    ]);
  });
});

describe('a system message in the middle', () => {
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'system', content: [{ type: 'text', text: 'Plan mode is on.' }] },
    { role: 'user', content: 'Go' },
  ];

  it('stays where it is for a model that takes it there', () => {
    assert.deepEqual(translateMessages(messages), [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'system', content: 'Plan mode is on.' },
      { role: 'user', content: 'Go' },
    ]);
  });

  it('becomes a reminder of the user for one that does not', () => {
    assert.deepEqual(translateMessages(messages, { profile: { systemAnywhere: false } }), [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
      { role: 'user', content: '<system-reminder>\nPlan mode is on.\n</system-reminder>\n\nGo' },
    ]);
  });

  it('does not come between a call and its result', () => {
    const interleaved = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'Read', input: {} }] },
      { role: 'system', content: 'Plan mode is on.' },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
    ];
    for (const systemAnywhere of [true, false])
      assert.deepEqual(
        translateMessages(interleaved, { profile: { systemAnywhere } }).map((message) => message.role),
        ['assistant', 'tool', systemAnywhere ? 'system' : 'user'],
      );
  });
});
