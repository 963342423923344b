import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mendArgumentTypes } from '../../../proxy/repair/argument-types.ts';
import { type DeclaredTool, RepairNotes } from '../../../proxy/repair/repair.ts';

function tool(schema: unknown): DeclaredTool {
  return { name: 'Tool', schema: { type: 'object', properties: { value: schema } } };
}

/** Type, what the model wrote, what the tool gets. */
const mended: readonly (readonly [schema: unknown, value: unknown, expected: unknown])[] = [
  [{ type: 'integer' }, '5', 5],
  [{ type: 'integer' }, ' -5 ', -5],
  [{ type: 'integer' }, '5.0', 5],
  [{ type: 'number' }, '5.5', 5.5],
  [{ type: 'boolean' }, 'true', true],
  [{ type: 'boolean' }, 'False', false],
  [{ type: 'object' }, '{"a":1}', { a: 1 }],
  [{ type: 'array' }, '["a"]', ['a']],
  [{ type: ['integer', 'null'] }, '5', 5],
  [{ type: ['integer', 'null'] }, 'null', null],
  [{ type: ['integer', 'null'] }, 'None', null],
  [{ anyOf: [{ type: 'array' }, { type: 'null' }] }, '[]', []],
  [{ oneOf: [{ type: 'integer' }, { type: 'boolean' }] }, 'true', true],
  [{ type: 'string' }, 5, '5'],
  [{ type: 'string' }, -1.5, '-1.5'],
  [{ type: 'string' }, true, 'true'],
];

const left: readonly (readonly [schema: unknown, value: unknown])[] = [
  [{ type: 'string' }, '5'],
  [{ type: 'string' }, '{"a":1}'],
  [{ type: 'string' }, { a: 1 }],
  [{ type: 'string' }, null],
  [{ type: 'string' }, 12345678901234567000],
  [{ type: ['string', 'integer'] }, '5'],
  [{ anyOf: [{ type: 'string' }, { type: 'array' }] }, '["a"]'],
  [{ anyOf: [{}, { type: 'integer' }] }, '5'],
  [{ type: 'integer' }, '5.5'],
  [{ type: 'integer' }, 'five'],
  [{ type: 'integer' }, '1e400'],
  [{ type: 'integer' }, ''],
  [{ type: 'integer' }, 5.5],
  [{ type: 'boolean' }, '1'],
  [{ type: 'boolean' }, 'yes'],
  [{ type: 'object' }, '[1]'],
  [{ type: 'object' }, '{"a":'],
  [{ type: 'array' }, 'a.txt'],
  [{ type: 'array' }, '{"a":1}'],
  [{}, '5'],
  [true, '5'],
  [{ enum: ['5'] }, '5'],
];

describe('the types of arguments', () => {
  it('are mended where the schema leaves no doubt', () => {
    for (const [schema, value, expected] of mended) {
      const notes = new RepairNotes();
      const text = mendArgumentTypes(JSON.stringify({ value, other: '5' }), tool(schema), notes);
      assert.deepEqual(JSON.parse(text), { value: expected, other: '5' }, `${JSON.stringify(schema)} ${value}`);
      assert.deepEqual(
        notes.list().map(({ repair }) => repair),
        ['argument-types'],
      );
    }
  });

  it('are left to the byte where it does', () => {
    for (const [schema, value] of left) {
      const notes = new RepairNotes();
      const text = `{ "value" : ${JSON.stringify(value)} }`;
      assert.equal(mendArgumentTypes(text, tool(schema), notes), text, `${JSON.stringify(schema)} ${value}`);
      assert.deepEqual(notes.list(), []);
    }
  });

  it('of an undeclared tool, or of one without properties, are left', () => {
    const text = '{"value":"5"}';
    const notes = new RepairNotes();
    for (const declared of [undefined, { name: 'Tool', schema: {} }, { name: 'Tool', schema: { properties: null } }])
      assert.equal(mendArgumentTypes(text, declared, notes), text);
  });

  it('that were read from text are part of that repair', () => {
    const notes = new RepairNotes();
    assert.equal(mendArgumentTypes('{"value":"5"}', tool({ type: 'integer' }), notes, true), '{"value":5}');
    assert.deepEqual(notes.list(), []);
  });

  it('survive keys with a meaning of their own in JavaScript', () => {
    const text = '{"__proto__":"5","constructor":"5","value":"5"}';
    const result = mendArgumentTypes(text, tool({ type: 'integer' }), new RepairNotes());
    assert.equal(result, '{"__proto__":"5","constructor":"5","value":5}');
  });
});
