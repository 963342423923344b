import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleValue } from '../../../../proxy/upstream/demo/example-value.ts';

const filler = '[demo] simulated value';

describe('example values', () => {
  const cases: [string, unknown, unknown][] = [
    ['a text', { type: 'string' }, filler],
    ['a choice', { type: 'string', enum: ['b', 'a'] }, 'b'],
    ['a constant', { const: 7 }, 7],
    ['a default', { type: 'integer', default: 5 }, 5],
    ['a number with a least', { type: 'number', minimum: 3 }, 3],
    ['several types', { type: ['integer', 'null'] }, 1],
    ['alternatives', { anyOf: [{ type: 'boolean' }, { type: 'string' }] }, false],
    ['an array with a least length', { type: 'array', minItems: 2, items: { type: 'null' } }, [null, null]],
    ['an array', { type: 'array', items: { type: 'string' } }, []],
    ['a reference', { $ref: '#/$defs/n', $defs: { n: { type: 'integer' } } }, 1],
    ['an object without a type', { properties: { a: { type: 'null' }, b: {} }, required: ['a'] }, { a: null }],
    ['anything', true, filler],
  ];
  for (const [what, schema, expected] of cases)
    it(`fit ${what}`, () =>
      assert.deepEqual(
        exampleValue(schema, () => undefined),
        expected,
      ));

  it('end in a schema that holds itself', () => {
    const schema = {
      $ref: '#/$defs/node',
      $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] } },
    };
    assert.ok(JSON.stringify(exampleValue(schema, () => undefined)).length < 500);
  });

  it('take a suggestion for texts, where any text fits', () => {
    const schema = {
      type: 'object',
      properties: { path: { type: 'string' }, mode: { type: 'string', enum: ['r'] }, limit: { type: 'integer' } },
      required: ['path', 'mode', 'limit'],
    };
    assert.deepEqual(
      exampleValue(schema, () => 'x'),
      { path: 'x', mode: 'r', limit: 1 },
    );
  });
});
