import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { translateSample } from './request-sample.ts';

describe('sampling', () => {
  it('passes on, the client before the profile', () => {
    const asked = { temperature: 0, top_p: 0.5, top_k: 20 };
    const profile = { temperature: 0.7, topP: 0.9 };
    const { chat } = translateSample(asked, { profile });
    assert.deepEqual([chat.temperature, chat.top_p, chat.top_k], [0, 0.5, 20]);
    const silent = translateSample({ temperature: null }, { profile }).chat;
    assert.deepEqual([silent.temperature, silent.top_p, 'top_k' in silent], [0.7, 0.9, false]);
    const bare = translateSample().chat;
    assert.deepEqual(['temperature' in bare, 'top_p' in bare], [false, false]);
    assert.equal('top_k' in translateSample(asked, { profile: { topK: false } }).chat, false);
  });

  it('takes at most four stop sequences, none of white space', () => {
    const stop = (stop_sequences: unknown) => translateSample({ stop_sequences }).chat.stop;
    assert.deepEqual(stop(['', ' \n', 'a', 'a', ' b']), ['a', ' b']);
    assert.deepEqual(stop(['a', 'b', 'c', 'd', 'e']), ['a', 'b', 'c', 'd']);
    for (const none of [undefined, null, [], ['', '\n']]) assert.equal(stop(none), undefined);
  });
});

describe('metadata.user_id', () => {
  const user = (user_id: unknown) => translateSample({ metadata: { user_id } }).chat.user;
  const session = '0f3a9d1c-1111-4222-8333-444455556666';
  const account = '8c1f0000-aaaa-4bbb-8ccc-dddddddddddd';

  it('stays where it is an opaque id', () => assert.equal(user('user-42'), 'user-42'));

  it('of Claude Code becomes a short hash of the session, in its old and new form', () => {
    const now = user(JSON.stringify({ device_id: 'd'.repeat(64), account_uuid: account, session_id: session }));
    assert.match(now ?? '', /^[0-9a-f]{32}$/);
    assert.equal(user(`user_${'d'.repeat(64)}_account_${account}_session_${session}`), now);
    assert.equal(user(JSON.stringify({ session_id: session, account_uuid: 'other' })), now);
    assert.notEqual(user(JSON.stringify({ session_id: account })), now);
  });

  it('that names a person or is long is hashed', () => {
    for (const id of ['ivan@example.com', 'x'.repeat(65), 'Иван']) assert.match(user(id) ?? '', /^[0-9a-f]{32}$/);
  });

  it('is left out where there is none', () => {
    for (const none of [undefined, null, '']) assert.equal(user(none), undefined);
  });
});

describe('structured output', () => {
  const schema = { type: 'object', properties: { title: { type: 'string', format: 'uri' } }, required: ['title'] };
  const sent = {
    type: 'json_schema',
    json_schema: {
      name: 'answer',
      strict: true,
      schema: { ...schema, properties: { title: { type: 'string', description: 'format: uri' } } },
    },
  };

  it('is asked for from output_config.format, and from its deprecated place', () => {
    const format = { type: 'json_schema', schema };
    assert.deepEqual(translateSample({ output_config: { format } }).chat.response_format, sent);
    assert.deepEqual(translateSample({ output_format: format }).chat.response_format, sent);
  });

  it('is not where the format is another or none', () => {
    for (const format of [undefined, null, { type: 'text' }])
      assert.equal('response_format' in translateSample({ output_config: { format } }).chat, false);
  });
});
