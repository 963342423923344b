import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { BrokenFrame } from '../../../proxy/openai/chunk.ts';
import type { Part } from '../../../proxy/part.ts';
import { Assembler } from '../../../proxy/repair/assemble.ts';
import { RepairNotes } from '../../../proxy/repair/repair.ts';
import { tools } from './pipe.ts';

interface Assembled {
  parts: Part[];
  assembler: Assembler;
  notes: RepairNotes;
}

/** Whole ways of answering are told in test/cases; here is what they don't show: when parts leave, and what is refused. */
function assemble(chunks: unknown[], stopSequences: string[] = []): Assembled {
  const notes = new RepairNotes();
  const assembler = new Assembler({
    tools,
    quotable: () => '',
    thinkingPrefilled: false,
    notes,
    stopSequences,
    describeError: (body) => new StrelkaError('upstream-failed', JSON.stringify(body)),
  });
  const parts: Part[] = [];
  for (const chunk of chunks) assembler.write(chunk, (part) => parts.push(part));
  return { parts, assembler, notes };
}

function end({ assembler }: Assembled, done = true): Part[] {
  const parts: Part[] = [];
  assembler.end(done, (part) => parts.push(part));
  return parts;
}

const chunk = (delta: unknown, finish: unknown = null, more: object = {}): object => ({
  choices: [{ index: 0, delta, finish_reason: finish, ...more }],
});
const call = { index: 0, id: 'c', function: { name: 'Read', arguments: '{"file_path":"/a"}' } };

describe('assembling parts', () => {
  it('lets text and reasoning out at once, in order, and all else at the end', () => {
    const assembled = assemble([
      chunk({ reasoning_content: 'Hm.', content: 'Hello', tool_calls: [call] }),
      { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2 } },
      chunk({}, 'tool_calls'),
    ]);
    assert.deepEqual(assembled.parts, [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Hello' },
    ]);
    assert.deepEqual(end(assembled), [
      { type: 'tool-call', id: 'c', name: 'Read', arguments: '{"file_path":"/a"}' },
      { type: 'usage', usage: { inputTokens: 3, outputTokens: 2, cachedInputTokens: 0 } },
      { type: 'finish', reason: 'tool-calls', stopSequence: undefined },
    ]);
  });

  it('bears chunks of any shape', () => {
    const odd = [null, 7, 'x', [], {}, { choices: {} }, { choices: [null] }, { choices: [7] }, { choices: [[]] }];
    const deltas = [null, 7, 'x', [], { content: 7 }, { content: { a: 1 } }, { tool_calls: 'x' }, { role: null }];
    const assembled = assemble([...odd, ...deltas.map((delta) => chunk(delta)), chunk({ content: 'Hello' }, 'stop')]);
    assert.deepEqual(assembled.parts, [{ type: 'text', text: 'Hello' }]);
    assert.deepEqual(end(assembled), [{ type: 'finish', reason: 'stop', stopSequence: undefined }]);
  });

  it('refuses what is an error, whatever its shape', () => {
    for (const error of [
      { error: 'boom' },
      { error: {} },
      { error: { message: 'boom' }, choices: [] },
      { object: 'error', message: 'boom' },
      { type: 'error', message: 'boom' },
      { error_type: 'x', error_message: 'boom' },
      { detail: 'boom' },
      { success: false, msg: 'boom' },
      { code: 500, message: 'boom' },
      { code: '1301', message: 'boom' },
      { status: 503 },
    ])
      assert.throws(() => assemble([error]), { kind: 'upstream-failed' }, JSON.stringify(error));
  });

  it('takes nothing for an error that is none', () => {
    const harmless = [
      { error: null },
      { error: '' },
      { error: false },
      { choices: [], detail: 'x', code: 500 },
      { status: 'completed' },
      { code: 0 },
      { code: 200 },
    ];
    assert.deepEqual(assemble(harmless).parts, []);
  });

  it('knows when the finish reason has come', () => {
    assert.equal(assemble([chunk({ content: 'a' })]).assembler.finished, false);
    assert.equal(assemble([chunk({ content: 'a' }, 'stop')]).assembler.finished, true);
    assert.equal(assemble([chunk({ refusal: 'no' })]).assembler.finished, false);
  });

  it('knows of a lost piece, and that none is missed behind the finish reason', () => {
    const broken = new BrokenFrame('{"choi');
    const inside = assemble([chunk({ content: 'a' }), broken]);
    assert.equal(inside.assembler.damaged, true);
    assert.equal(assemble([chunk({ content: 'a' }, 'stop'), broken]).assembler.damaged, false);
    assert.deepEqual(
      inside.notes.list().map(({ repair, before }) => [repair, before]),
      [['broken-frame', '{"choi']],
    );
  });

  it('names a stop sequence only where the request did', () => {
    const asked = (more: object): Part[] => end(assemble([chunk({ content: 'a' }, 'stop', more)], ['###']));
    assert.deepEqual(asked({ stop_reason: '###' }), [{ type: 'finish', reason: 'stop', stopSequence: '###' }]);
    assert.deepEqual(asked({ matched_stop: '###' }), [{ type: 'finish', reason: 'stop', stopSequence: '###' }]);
    for (const more of [{ stop_reason: 151_336 }, { stop_reason: '<|user|>' }, { stop_reason: null }])
      assert.deepEqual(asked(more), [{ type: 'finish', reason: 'stop', stopSequence: undefined }]);
  });

  it('does not make up an end', () => {
    const text = [chunk({ content: 'Hello' })];
    assert.throws(() => end(assemble(text), false), { kind: 'stream-broken' });
    assert.throws(() => end(assemble([]), false), { kind: 'stream-broken' });
    assert.throws(() => end(assemble([]), true), { kind: 'answer-empty' });
    assert.deepEqual(end(assemble(text), true).at(-1), { type: 'finish', reason: 'stop', stopSequence: undefined });
  });

  it('runs a whole call without a finish reason, and no other', () => {
    const cut = { index: 0, id: 'c', function: { name: 'Read', arguments: '{"file_path":"/a' } };
    for (const done of [true, false]) {
      assert.equal(end(assemble([chunk({ tool_calls: [call] })]), done).at(-1)?.type, 'finish');
      assert.throws(() => end(assemble([chunk({ tool_calls: [cut] })]), done), { kind: 'stream-broken' });
    }
    const bare = { index: 0, id: 'c', function: { name: 'get_current_time' } };
    assert.equal(end(assemble([chunk({ tool_calls: [bare] })]), true).length, 2);
    assert.throws(() => end(assemble([chunk({ tool_calls: [bare] })]), false), { kind: 'stream-broken' });
  });

  it('notes a repair once, though no finish reason came', () => {
    const glued = { index: 0, id: 'c', function: { name: 'Read', arguments: '{"file_path":"/a"}{}' } };
    const assembled = assemble([chunk({ tool_calls: [glued] })]);
    end(assembled);
    assert.deepEqual(
      assembled.notes.list().map(({ repair, count }) => [repair, count]),
      [['arguments-bogus-flush', 1]],
    );
  });
});
