import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findFaults } from './chat-legality.ts';
import type { RecordedBody, RecordedMessage } from './chat-upstream.ts';

const user: RecordedMessage = { role: 'user', content: 'Do it' };

function call(id: string, name = 'Read', args = '{}') {
  return { id, type: 'function', function: { name, arguments: args } };
}

function calling(...calls: ReturnType<typeof call>[]): RecordedMessage {
  return { role: 'assistant', content: null, tool_calls: calls };
}

function answering(id: string): RecordedMessage {
  return { role: 'tool', tool_call_id: id, content: '' };
}

function faultsOf(messages: RecordedMessage[], more: Partial<RecordedBody> = {}): string[] {
  return findFaults({ model: 'm', messages, ...more });
}

describe('the legality of a chat request', () => {
  it('finds no fault in a sound conversation', () => {
    const messages = [
      { role: 'system', content: 'Be brief' },
      user,
      calling(call('a'), call('b')),
      answering('b'),
      answering('a'),
      { role: 'assistant', content: 'Done' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] },
    ];
    const tools = [{ type: 'function', function: { name: 'Read', parameters: { type: 'object' } } }];
    assert.deepEqual(faultsOf(messages, { tools, tool_choice: 'auto' }), []);
  });

  const faulty: [string, RecordedMessage[], RegExp, Partial<RecordedBody>?][] = [
    ['a call without an answer', [user, calling(call('a')), user], /"a" has no answer before message 2/],
    ['a call without an answer at the end', [user, calling(call('a'))], /"a" has no answer\./],
    ['an answer without a call', [user, answering('a')], /Message 1 answers "a"/],
    ['an answer given twice', [user, calling(call('a')), answering('a'), answering('a')], /Message 3 answers "a"/],
    ['an answer that comes late', [user, calling(call('a')), user, answering('a')], /Message 3 answers "a"/],
    [
      'an id used again',
      [user, calling(call('a')), answering('a'), calling(call('a')), answering('a')],
      /Message 3 uses the call id "a" again/,
    ],
    ['arguments cut off', [user, calling(call('a', 'Read', '{"p')), answering('a')], /no JSON object: \{"p/],
    ['arguments that are a list', [user, calling(call('a', 'Read', '[]')), answering('a')], /no JSON object: \[\]/],
    ['a name that is too long', [user, calling(call('a', 'x'.repeat(65))), answering('a')], /calls "x{65}"/],
    ['an empty message', [{ role: 'user', content: '' }], /Message 0 \(user\) is empty/],
    [
      'a message of empty parts',
      [{ role: 'user', content: [{ type: 'text', text: '' }] }],
      /Message 0 \(user\) is empty/,
    ],
    [
      'an assistant with nothing to say',
      [user, { role: 'assistant', content: null }],
      /Message 1 \(assistant\) is empty/,
    ],
    ['an unknown role', [{ role: 'developer', content: 'x' }], /role "developer"/],
    ['calls of a user', [{ ...calling(call('a')), role: 'user' }, answering('a')], /\(user\) carries tool calls/],
    ['tool_choice without tools', [user], /tool_choice without tools/, { tool_choice: 'auto' }],
    [
      'a tool without an object schema',
      [user],
      /parameters of the tool Read/,
      { tools: [{ type: 'function', function: { name: 'Read', parameters: {} } }] },
    ],
    [
      'two tools of one name',
      [user],
      /same name/,
      { tools: Array(2).fill({ type: 'function', function: { name: 'Read', parameters: { type: 'object' } } }) },
    ],
    [
      'a tool name with a dot',
      [user],
      /"a\.b" is not acceptable/,
      { tools: [{ type: 'function', function: { name: 'a.b', parameters: { type: 'object' } } }] },
    ],
  ];
  for (const [title, messages, expected, more] of faulty) {
    it(`names ${title}`, () => {
      const faults = faultsOf(messages, more);
      assert.equal(faults.length >= 1, true);
      assert.match(faults.join('\n'), expected);
    });
  }

  it('finds no fault in what OpenCode and OpenClaw send by themselves', async () => {
    const folder = path.join(import.meta.dirname, '..', 'fixtures', 'clients');
    const files = (await readdir(folder)).filter((file) => file.endsWith('-chat.json'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const { body } = JSON.parse(await readFile(path.join(folder, file), 'utf8'));
      assert.deepEqual(findFaults(body), [], file);
    }
  });
});
