import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part, TextPart } from '../../../proxy/part.ts';
import { RepairNotes } from '../../../proxy/repair/repair.ts';
import { makeTextRepairs, runRepairs } from '../../../proxy/repair/repairs.ts';
import { brief, cutRandomly, cuts, makeRandom, native, noTools, repair, text, tools } from './pipe.ts';

const read = '<tool_call>Read<arg_key>file_path</arg_key><arg_value>/a</arg_value></tool_call>';

function open(declared = tools, quotable = (): string => ''): { write(part: Part): Part[]; notes: RepairNotes } {
  const notes = new RepairNotes();
  let out: Part[] = [];
  const context = { tools: declared, quotable, thinkingPrefilled: false, notes };
  const pipe = runRepairs(makeTextRepairs(context), (part) => out.push(part));
  return {
    notes,
    write: (part) => {
      out = [];
      pipe.write(part);
      return out;
    },
  };
}

describe('the pipe of repairs', () => {
  it('passes text without an opener in the same tick, as the same part', () => {
    const { write } = open();
    write(text('The first word.'));
    for (const content of ['a', ' ', '\n', 'x > y', '{"a": [1]}', 'Привет 🎉', '`', '**b**', '| a | b |']) {
      const part: TextPart = text(content);
      const out = write(part);
      assert.equal(out.length, 1);
      assert.equal(out[0], part);
    }
  });

  it('lets the first character out at once', () => {
    for (const content of ['H', 'Привет', ' a', 'The', '1', '"', '# A'])
      assert.deepEqual(open().write(text(content)), [text(content)]);
  });

  it('holds no more than an opener that is still possible', () => {
    const { write } = open();
    assert.deepEqual(write(text('Use a <b> and')), [text('Use a <b> and')]);
    assert.deepEqual(write(text(' <tool')), [text(' ')]);
    assert.deepEqual(write(text('box>')), [text('<toolbox>')]);
    assert.deepEqual(write(text('<tool_call> a')), []);
    assert.deepEqual(write(text(' b')), [text('<tool_call> a b')]);
    assert.deepEqual(write(text('<tool_call>Bash, the')), [text('<tool_call>Bash, the')]);
  });

  it('sends a call as soon as it is closed', () => {
    const { write } = open();
    assert.deepEqual(write(text(read.slice(0, -1))), []);
    assert.deepEqual(brief(write(text('>'))), [['call', 'Read', { file_path: '/a' }]]);
  });

  it('asks what the user wrote only where a call was read', () => {
    let asked = 0;
    const { write } = open(tools, () => {
      asked += 1;
      return '';
    });
    write(text('Words <b>, <tool_call> and `code`, {"name": "Bash"}'));
    assert.equal(asked, 0);
    write(text(read));
    assert.equal(asked, 1);
  });

  it('keeps the order of what comes behind held text', () => {
    const { write } = open();
    const usage: Part = { type: 'usage', usage: { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 } };
    write(text('Now <tool_c'));
    assert.deepEqual([...write(native('Bash', { command: 'ls' })), ...write(usage)], []);
    assert.deepEqual(brief(write({ type: 'finish', reason: 'tool-calls' })), [
      '<tool_c',
      ['call', 'Bash', { command: 'ls' }],
      ['usage'],
      ['finish', 'tool-calls'],
    ]);
  });

  it("keeps a finish's stop sequence and says tool-calls beside calls", () => {
    const { write } = open();
    write(text(read));
    assert.deepEqual(write({ type: 'finish', reason: 'stop', stopSequence: '#' }), [
      { type: 'finish', reason: 'tool-calls', stopSequence: '#' },
    ]);
  });

  it('notes each firing with what came and what was made of it', () => {
    const { write, notes } = open();
    write(text(`<think>Hm.</think>${read}${read}`));
    write(native('Read', { file_path: '/a' }));
    assert.deepEqual(
      notes.list().map(({ repair: id, count }) => [id, count]),
      [
        ['think-tags', 1],
        ['glm-call', 2],
        ['shadow-calls', 1],
      ],
    );
    assert.equal(notes.list()[1]?.before, read);
    assert.equal(notes.list()[1]?.after, 'Read {"file_path":"/a"}');
  });

  it('reads no calls where no tools are declared (N04, N05)', () => {
    for (const [cutting, cut] of cuts)
      assert.deepEqual(
        brief(repair([text(`Hm. ${read}`)], cut, { tools: noTools })),
        [`Hm. ${read}`, ['finish', 'stop']],
        cutting,
      );
  });
});

const snippets = [
  '<tool_call>',
  '</tool_call>',
  'Read',
  'Bash',
  'Bashcommand',
  'shell',
  '<arg_key>',
  'file_path',
  'command',
  '</arg_key>',
  '<arg_value>',
  '/tmp/a',
  '</arg_value>',
  '<function=',
  'Bash>',
  '<parameter=command>',
  '\n',
  '</parameter>',
  '</function>',
  '{"name": "Bash", ',
  '"arguments": {"command": "ls"}}',
  '"',
  '`',
  '```',
  '~~~',
  '> ',
  '    ',
  '<think>',
  '</think>',
  '<|start|>assistant',
  '<|channel|>',
  'analysis',
  'commentary',
  ' to=functions.Bash',
  '<|message|>',
  '<|call|>',
  '<|end|>',
  '<function_calls>',
  '<invoke name="Bash">',
  '<parameter name="command">',
  '</invoke>',
  '</function_calls>',
  '<|python_tag|>',
  '<',
  '/',
  '- ',
  '1. ',
  ' ',
  'prose',
  '«',
  '»',
  "'",
  read,
];

describe('any text, however it is cut', () => {
  it('comes out the same (3000 seeded texts)', () => {
    for (let seed = 1; seed <= 3000; seed += 1) {
      const random = makeRandom(seed);
      const pieces = Array.from(
        { length: 2 + Math.floor(random() * 18) },
        () => snippets[Math.floor(random() * snippets.length)] ?? '',
      );
      const content = pieces.join('');
      const finish = (['stop', 'length', 'broken'] as const)[Math.floor(random() * 3)] ?? 'stop';
      const parts = random() < 0.2 ? [text(content), native('Bash', { command: 'ls' })] : [text(content)];
      const options = { finish, thinkingPrefilled: random() < 0.1 };
      // A stream that breaks lets out what was held, so that only what is visible of it in all can be compared.
      const view = (got: Part[]): unknown => (finish === 'broken' ? null : got);
      const whole = repair(parts, (all) => [all], options);
      for (const cut of [(all: string) => all.split(''), cutRandomly(seed), () => pieces])
        assert.deepEqual(view(repair(parts, cut, options)), view(whole), `seed ${seed}: ${JSON.stringify(content)}`);
    }
  });

  it('loses not a character where nothing can be mended (3000 seeded texts)', () => {
    const harmless = snippets.filter(
      (snippet) => !/think|<\||^(?:Read|Bash)|"Bash|to=|functions=Bash|tool_call>Read/.test(snippet),
    );
    for (let seed = 1; seed <= 3000; seed += 1) {
      const random = makeRandom(seed);
      const content = Array.from(
        { length: 1 + Math.floor(random() * 20) },
        () => harmless[Math.floor(random() * harmless.length)] ?? '',
      ).join('');
      const finish = (['stop', 'length', 'broken'] as const)[Math.floor(random() * 3)] ?? 'stop';
      const got = repair([text(content)], cutRandomly(seed), { finish });
      const said = got.map((part) => (part.type === 'text' ? part.text : '')).join('');
      assert.equal(said, content, `seed ${seed}: ${JSON.stringify(content)}`);
      assert.ok(got.every((part) => part.type === 'text' || part.type === 'finish'));
    }
  });
});
