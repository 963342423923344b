import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasRequired, readParameters, readValue, takes } from '../../../proxy/repair/argument-values.ts';

function read(schema: Record<string, unknown>, value: string): unknown {
  const tool = {
    name: 'T',
    schema: { type: 'object', properties: { a: schema }, $defs: { Size: { type: 'integer' } } },
  };
  return readValue(value, 'a', readParameters(tool), tool);
}

describe('values that a dialect wrote as text', () => {
  it('strings and values without a type stay to the byte', () => {
    for (const value of ['5', 'true', '{"a":1}', ' x\n', '&amp;', 'null', '']) {
      assert.equal(read({ type: 'string' }, value), value);
      assert.equal(read({}, value), value);
      assert.equal(read({ enum: ['5', 'true'] }, value), value);
    }
  });

  it('other types are JSON', () => {
    assert.equal(read({ type: 'integer' }, ' 5\n'), 5);
    assert.equal(read({ type: 'number' }, '-1.5e3'), -1500);
    assert.equal(read({ type: 'boolean' }, 'false'), false);
    assert.deepEqual(read({ type: 'array' }, '[1, "a"]'), [1, 'a']);
    assert.deepEqual(read({ type: 'object' }, '{"b": null}'), { b: null });
    assert.equal(read({ $ref: '#/$defs/Size' }, '7'), 7);
    assert.deepEqual(read({ properties: { b: {} } }, '{"b": 1}'), { b: 1 });
    assert.equal(read({ const: 3 }, '3'), 3);
  });

  it('what is no JSON stays a string', () => {
    assert.equal(read({ type: 'integer' }, 'five'), 'five');
    assert.equal(read({ type: 'array' }, '[1,'), '[1,');
    assert.equal(read({ type: 'boolean' }, ''), '');
  });

  it('of several types the one that fits is taken, a string last', () => {
    const union = { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'null' }] };
    assert.equal(read(union, '5'), 5);
    assert.equal(read(union, 'null'), null);
    assert.equal(read(union, 'true'), 'true');
    assert.equal(read(union, '[1]'), '[1]');
    assert.equal(read({ type: ['number', 'string'] }, '5'), 5);
    assert.deepEqual(read({ oneOf: [{ type: 'array' }, {}] }, '[1]'), [1]);
    assert.equal(read({ oneOf: [{ type: 'array' }, {}] }, '5'), '5');
  });
});

describe('what a tool takes', () => {
  it('its properties, those behind references and alternatives too', () => {
    const parameters = readParameters({
      name: 'T',
      schema: {
        $ref: '#/$defs/Args',
        $defs: {
          Args: {
            properties: { a: {} },
            required: ['a'],
            allOf: [{ properties: { b: {} }, required: ['b'] }],
            oneOf: [{ properties: { c: {} }, required: ['c'] }],
          },
        },
      },
    });
    for (const key of ['a', 'b', 'c']) assert.ok(takes(parameters, key));
    assert.ok(!takes(parameters, 'd'));
    assert.ok(!hasRequired(parameters, { a: 1 }));
    assert.ok(hasRequired(parameters, { a: 1, b: 2 }));
  });

  it('any key where the schema is open, none where it names none', () => {
    assert.ok(takes(readParameters({ name: 'T', schema: { type: 'object' } }), 'x'));
    assert.ok(takes(readParameters({ name: 'T', schema: { properties: {}, additionalProperties: true } }), 'x'));
    assert.ok(!takes(readParameters({ name: 'T', schema: { properties: {} } }), 'x'));
    assert.ok(!takes(readParameters({ name: 'T', schema: { properties: {} } }), 'constructor'));
  });

  it('survives a schema that refers to itself', () => {
    const tool = { name: 'T', schema: { $ref: '#', properties: { a: { $ref: '#/properties/a' } } } };
    assert.equal(readValue('5', 'a', readParameters(tool), tool), '5');
  });
});
