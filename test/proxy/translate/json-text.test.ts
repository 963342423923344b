import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { JsonText, readArguments } from '../../../proxy/translate/json-text.ts';

describe('readArguments', () => {
  it('keeps the text of an object to the letter', () => {
    const text = ' {"id": 12345678901234567890, "x": 1.0}';
    const found = readArguments(text);
    assert.ok(found instanceof JsonText);
    assert.equal(found.text, text);
    assert.equal(JSON.stringify({ input: new JsonText('{ "a": 1 }') }), '{"input":{"a":1}}');
  });

  it('gives what is no object as it is', () => {
    assert.deepEqual(readArguments(' '), {});
    assert.deepEqual(readArguments('[1]'), [1]);
    assert.equal(readArguments('null'), null);
    assert.equal(readArguments('{"a": '), '{"a": ');
    const deep = `{"a":${'['.repeat(500)}${']'.repeat(500)}}`;
    assert.equal(readArguments(deep), deep);
  });
});
