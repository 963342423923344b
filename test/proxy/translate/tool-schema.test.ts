import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parametersSchema, portableSchema } from '../../../proxy/translate/tool-schema.ts';

const text = { type: 'string' };

describe('parametersSchema', () => {
  it('leaves a plain schema as it is, in a copy', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: ['string', 'null'], description: 'A', default: null, enum: ['x', null] },
        b: { anyOf: [text, { type: 'integer', minimum: 1 }] },
        c: { $ref: '#/$defs/c' },
        d: { type: 'array', items: text },
      },
      required: ['a', 'b'],
      additionalProperties: false,
      $defs: { c: { type: 'object', properties: {}, additionalProperties: true } },
    };
    const before = structuredClone(schema);
    assert.deepEqual(parametersSchema(schema), before);
    assert.deepEqual(schema, before);
  });

  it('is an object with properties, whatever the root says', () => {
    const least = { type: 'object', properties: {} };
    for (const schema of [
      undefined,
      null,
      true,
      'x',
      [],
      {},
      { type: 'object' },
      { type: ['object', 'null'] },
      { properties: null },
    ])
      assert.deepEqual(parametersSchema(schema), least);
  });

  it('keeps branches at the root and shows their properties', () => {
    const branches = [
      { type: 'object', properties: { path: text, mode: { enum: ['r'] } }, required: ['path'] },
      { type: 'object', properties: { path: text, mode: { enum: ['w'] } } },
    ];
    for (const keyword of ['anyOf', 'oneOf', 'allOf'])
      assert.deepEqual(parametersSchema({ [keyword]: branches }), {
        [keyword]: branches,
        type: 'object',
        properties: { path: text, mode: { anyOf: [{ enum: ['r'] }, { enum: ['w'] }] } },
      });
  });

  it('puts the target of a root reference in its place', () => {
    const $defs = {
      Input: { type: 'object', properties: { a: text, next: { $ref: '#/$defs/Input' } }, required: ['a'] },
    };
    assert.deepEqual(parametersSchema({ $ref: '#/$defs/Input', $defs }), { ...$defs.Input, $defs });
    assert.deepEqual(parametersSchema({ $ref: 'https://a.example/b', title: 'T' }), {
      $ref: 'https://a.example/b',
      title: 'T',
      type: 'object',
      properties: {},
    });
  });

  it('ends where references run in circles', () => {
    const $defs = { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a', allOf: [{ $ref: '#/$defs/a' }, { $ref: '#' }] } };
    assert.deepEqual(parametersSchema({ $ref: '#/$defs/a', $defs }).properties, {});
    const wide = { allOf: Array.from({ length: 100 }, () => ({ $ref: '#' })) };
    assert.deepEqual(parametersSchema(wide).properties, {});
    const knot = { ...wide.allOf[0], allOf: Array.from({ length: 100 }, () => ({ allOf: wide.allOf })) };
    assert.deepEqual(parametersSchema(knot).properties, {});
  });
});

describe('portableSchema', () => {
  const respelt: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['drops what only names the schema', { $schema: 'x', $id: 'y', $comment: 'z', type: 'string' }, text],
    ['spells const as enum', { const: 'a' }, { enum: ['a'] }],
    ['spells a null const as enum', { const: null }, { enum: [null] }],
    ['respells draft 4 minimum', { minimum: 1, exclusiveMinimum: true }, { exclusiveMinimum: 1 }],
    ['respells draft 4 maximum', { maximum: 9, exclusiveMaximum: true }, { exclusiveMaximum: 9 }],
    ['drops a draft 4 false', { minimum: 1, exclusiveMinimum: false }, { minimum: 1 }],
    ['drops a draft 4 true without bound', { exclusiveMinimum: true }, {}],
    ['keeps an exclusive bound of today', { exclusiveMinimum: 0 }, { exclusiveMinimum: 0 }],
    [
      'tells an unknown format in words',
      { type: 'string', format: 'uri' },
      { type: 'string', description: 'format: uri' },
    ],
    [
      'adds an unknown format to the description',
      { type: 'string', format: 'uri', description: 'Where' },
      { type: 'string', description: 'Where (format: uri)' },
    ],
    ['keeps a known format', { type: 'string', format: 'date-time' }, { type: 'string', format: 'date-time' }],
    ['gives arrays items', { type: 'array' }, { type: 'array', items: {} }],
    ['gives arrays that may be null items', { type: ['array', 'null'] }, { type: ['array', 'null'], items: {} }],
    [
      'respells a tuple',
      { type: 'array', items: [text, true], additionalItems: false },
      { type: 'array', prefixItems: [text, {}], items: { not: {} } },
    ],
    ['makes true and false schemas', { properties: { a: true, b: false } }, { properties: { a: {}, b: { not: {} } } }],
    ['makes true in items a schema', { type: 'array', items: true }, { type: 'array', items: {} }],
    ['keeps additionalProperties switches', { additionalProperties: false }, { additionalProperties: false }],
    ['goes into additionalProperties', { additionalProperties: { const: 1 } }, { additionalProperties: { enum: [1] } }],
    [
      'trims required names that are no property',
      { properties: { a: {} }, required: ['a', 'b', 'a', 5] },
      { properties: { a: {} }, required: ['a'] },
    ],
    ['drops an empty required', { properties: {}, required: [] }, { properties: {} }],
    ['drops a required of draft 3', { type: 'string', required: true }, text],
    ['keeps the required of a branch', { anyOf: [{ required: ['a'] }] }, { anyOf: [{ required: ['a'] }] }],
    [
      'keeps required names that a branch may declare',
      { properties: {}, required: ['a'], allOf: [{ properties: { a: {} } }] },
      { properties: {}, required: ['a'], allOf: [{ properties: { a: {} } }] },
    ],
    ['drops null keywords', { description: null, enum: null, default: null }, { default: null }],
    ['drops empty branches', { anyOf: [], type: 'string' }, text],
    [
      'leaves data alone',
      { default: { const: 1 }, examples: [{ $id: 'x' }], enum: [{ format: 'uri' }] },
      { default: { const: 1 }, examples: [{ $id: 'x' }], enum: [{ format: 'uri' }] },
    ],
    [
      'takes properties named like keywords for properties',
      { properties: { const: text, $id: text, format: text, required: text, items: text }, required: ['const'] },
      { properties: { const: text, $id: text, format: text, required: text, items: text }, required: ['const'] },
    ],
    [
      'goes into every place of a schema',
      { not: { const: 1 }, if: { const: 2 }, $defs: { a: { const: 3 } } },
      { not: { enum: [1] }, if: { enum: [2] }, $defs: { a: { enum: [3] } } },
    ],
  ];
  for (const [name, schema, expected] of respelt) it(name, () => assert.deepEqual(portableSchema(schema), expected));

  it('keeps a property named __proto__ a property', () => {
    const schema: unknown = JSON.parse('{"properties":{"__proto__":{"const":1}},"__proto__":{"x":1}}');
    assert.equal(
      JSON.stringify(portableSchema(Object(schema))),
      '{"properties":{"__proto__":{"enum":[1]}},"__proto__":{"x":1}}',
    );
  });

  it('stops at a depth that no tool has', () => {
    let schema: Record<string, unknown> = {};
    for (let depth = 0; depth < 10_000; depth += 1) schema = { items: [true], additionalItems: schema };
    assert.ok(JSON.stringify(portableSchema(schema)).length < 10_000);
  });
});
