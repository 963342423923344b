import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { settleArguments } from '../../../proxy/repair/call-arguments.ts';

/** Rows of failures.md 1 about arguments: fragments, the objects that come of them, the repair that did it. */
const sound: readonly (readonly [row: string, fragments: unknown[], objects: unknown[], mended: string | null])[] = [
  ['N-1 in one piece', ['{"a":1}'], [{ a: 1 }], null],
  ['in many pieces', ['{"', 'a":', ' "b', '\\n"}'], [{ a: 'b\n' }], null],
  ['N-14 object', [{ a: 1 }], [{ a: 1 }], 'arguments-object'],
  ['N-14 object behind an empty text', ['', { a: 1 }], [{ a: 1 }], 'arguments-object'],
  ['N-14 none at all', [], [{}], null],
  ['N-14 empty', [''], [{}], null],
  ['N-14 blank', [' \n'], [{}], null],
  ['N-14 null', [null], [{}], null],
  ['N-14 null as text', ['null'], [{}], 'arguments-null'],
  ['N-14 None as text', ['None'], [{}], 'arguments-null'],
  ['N-14 empty list', ['[]'], [{}], 'arguments-null'],
  ['N-14 an empty string as JSON', ['""'], [{}], 'arguments-null'],
  ['N-15 double encoded', [JSON.stringify('{"a": 1}')], [{ a: 1 }], 'arguments-double-encoded'],
  ['N-15 in pieces', ['"{\\"a', '\\": 1}', '"'], [{ a: 1 }], 'arguments-double-encoded'],
  ['N-15 twice', [JSON.stringify(JSON.stringify('{"a":1}'))], [{ a: 1 }], 'arguments-double-encoded'],
  [
    'N-16 the whole again',
    ['{"city": ', '"Beijing"}', '{"city": "Beijing"}'],
    [{ city: 'Beijing' }],
    'arguments-repeated',
  ],
  [
    'N-16 the whole instead of the rest',
    ['{"city": "Bei', '{"city": "Beijing"}'],
    [{ city: 'Beijing' }],
    'arguments-repeated',
  ],
  ['N-16 growing', ['{"ci', '{"city": "Be', '{"city": "Beijing"}'], [{ city: 'Beijing' }], 'arguments-repeated'],
  [
    'N-16 the whole again, spaced otherwise',
    ['{"city":"Bei', '{"city": "Beijing"}'],
    [{ city: 'Beijing' }],
    'arguments-repeated',
  ],
  ['N-16 twice whole, spaced otherwise', ['{"city":"x"}', '{"city": "x"}'], [{ city: 'x' }], 'arguments-repeated'],
  ['N-16 twice whole, other order', ['{"a":1,"b":2}', '{"b":2,"a":1}'], [{ a: 1, b: 2 }], 'arguments-glued'],
  ['N-16 three times', ['{"a":1}', '{"a":1}', '{"a":1}'], [{ a: 1 }], 'arguments-repeated'],
  ['N-16 an object twice', [{ a: 1 }, { a: 1 }], [{ a: 1 }], 'arguments-repeated'],
  ['N-17 flush in place of the brace', ['{"a": "hello"', '{}'], [{ a: 'hello' }], 'arguments-bogus-flush'],
  ['N-17 the same in one piece', ['{"a": "hello"{}'], [{ a: 'hello' }], 'arguments-bogus-flush'],
  ['N-17 flush on top', ['{"a":1}', '{}'], [{ a: 1 }], 'arguments-bogus-flush'],
  ['N-17 two flushes', ['{}', '{}'], [{}], 'arguments-repeated'],
  ['N-17 two flushes in one piece', ['{}{}'], [{}], 'arguments-bogus-flush'],
  ['N-17 flush in front', ['{}', '{"a":1}'], [{ a: 1 }], 'arguments-glued'],
  ['N-18 glued', ['{"a":1}{"a":2}'], [{ a: 1 }, { a: 2 }], 'arguments-glued'],
  ['N-18 glued in pieces', ['{"a":"}', '{"}', '\n{"a":"\\"', '{"}'], [{ a: '}{' }, { a: '"{' }], 'arguments-glued'],
  ['N-18 glued with a comma', ['{"a":1}, {"a":2}'], [{ a: 1 }, { a: 2 }], 'arguments-glued'],
  ['a closing tag behind', ['{"a":1}', '</tool_call>'], [{ a: 1 }], 'arguments-tail'],
  ['a harmony token behind', ['{"a":1}<|call|>'], [{ a: 1 }], 'arguments-tail'],
  ['a brace too many', ['{"a":{"b":1}}', '}'], [{ a: { b: 1 } }], 'arguments-tail'],
  [
    'raw line breaks in a text',
    ['{"a":"one\ntwo\t\\"three\\"\r\n"}'],
    [{ a: 'one\ntwo\t"three"\r\n' }],
    'arguments-control-characters',
  ],
];

const broken: readonly (readonly [row: string, fragments: unknown[]])[] = [
  ['N-19 cut in a text', ['{"file_path": "/tmp/a.txt", "content": "hello wor']],
  ['N-19 cut behind a text', ['{"file_path": "/tmp/a.txt", "content": "hello"']],
  ['N-19 cut behind a comma', ['{"file_path": "/tmp/a.txt",']],
  ['N-19 cut in a nested object', ['{"a": {"b": 1}']],
  ['N-19 only a brace', ['{']],
  ['N-17 flush behind a cut text', ['{"a": "hel', '{}']],
  ['N-17 flush that is a value', ['{"a": ', '{}']],
  ['N-17 flush in a nested object', ['{"a": {"b": 1', '{}']],
  ['N-18 the second one cut', ['{"a":1}{"a":']],
  ['a text', ['"hello"']],
  ['a number', ['42']],
  ['a list', ['[{"a":1}]']],
  ['no JSON', ['ls -la']],
  ['single quotes', ["{'a': 1}"]],
];

describe('the arguments of a native call', () => {
  for (const [row, fragments, objects, mended] of sound)
    it(`come out whole: ${row}`, () => {
      const settled = settleArguments(fragments);
      assert.equal(settled.state, 'whole');
      assert.deepEqual(
        settled.objects.map((text) => JSON.parse(text)),
        objects,
      );
      assert.equal(settled.mended, mended);
    });

  for (const [row, fragments] of broken)
    it(`are never completed: ${row}`, () => assert.equal(settleArguments(fragments).state, 'broken'));

  it('stay as they are to the byte where they are sound', () => {
    const text = '{ "b" : 1.0,\n "a":"\\u0041", "b2": 12345678901234567890 }';
    assert.deepEqual(settleArguments([text]), { state: 'whole', objects: [text], mended: null });
  });

  it('of an answer that broke off are neither closed nor taken for none', () => {
    assert.equal(settleArguments(['{"a": "hello"', '{}'], true).state, 'broken');
    assert.equal(settleArguments([], true).state, 'broken');
    assert.equal(settleArguments(['{"a":1}'], true).state, 'whole');
    assert.equal(settleArguments(['{}'], true).state, 'whole');
  });

  it('are settled in linear time', () => {
    const text = JSON.stringify({ content: '{"a":1}{}'.repeat(40_000) });
    assert.equal(settleArguments([text.slice(0, -1)]).state, 'broken');
    assert.equal(settleArguments(text.split(/(?<=\})/)).state, 'whole');
  });
});
