import { checkCases, unchanged } from './dialects/cases.ts';
import { native, noTools, text } from './pipe.ts';

const read = '<tool_call>Read<arg_key>file_path</arg_key><arg_value>/a</arg_value></tool_call>';

checkCases('think tags', [
  {
    title: 'a pair at the start (R09)',
    content: '<think>Hm.</think>\n\nHello.',
    tools: noTools,
    expect: [['thinking', 'Hm.'], 'Hello.'],
  },
  {
    title: 'blanks around',
    content: '\n <think>\nHm.\n</think>\n\n Hello.',
    tools: noTools,
    expect: [['thinking', 'Hm.\n'], 'Hello.'],
  },
  { title: 'an empty pair (R12)', content: '<think></think>\n\nHello.', tools: noTools, expect: ['Hello.'] },
  { title: 'a blank pair', content: '<think>\n\n</think>\n\nHello.', tools: noTools, expect: ['Hello.'] },
  {
    title: 'two pairs',
    content: '<think>A.</think>\n<think>B.</think>C.',
    tools: noTools,
    expect: [['thinking', 'A.B.'], 'C.'],
  },
  {
    title: 'markup in the thinking',
    content: '<think>a <b> </thin </think>C',
    tools: noTools,
    expect: [['thinking', 'a <b> </thin '], 'C'],
  },
  {
    title: 'never closed, out of tokens (R16)',
    content: '<think>Still thinking </th',
    finish: 'length',
    tools: noTools,
    expect: [
      ['thinking', 'Still thinking </th'],
      ['finish', 'length'],
    ],
  },
  {
    title: 'never closed, stream broken',
    content: '<think>Still <',
    finish: 'broken',
    expect: [['thinking', 'Still <']],
  },
  {
    title: 'then a GLM call (C27)',
    content: `<think>I need a.</think>${read}`,
    expect: [
      ['thinking', 'I need a.'],
      ['call', 'Read', { file_path: '/a' }],
    ],
  },
  {
    title: 'then a native call',
    content: [text('<think>Hm.</think>\n\n'), native('Read', { file_path: '/a' })],
    expect: [
      ['thinking', 'Hm.'],
      ['call', 'Read', { file_path: '/a' }],
    ],
  },
  {
    title: 'behind native reasoning',
    content: [{ type: 'reasoning', text: 'Hm.' }, text('</think>\n\nHello.')],
    tools: noTools,
    expect: [['thinking', 'Hm.'], 'Hello.'],
  },
]);

checkCases('a lone </think>', [
  {
    title: 'held where the template opened the thinking (R11)',
    content: 'Hm <b>.\n</think>\n\nHello.',
    thinkingPrefilled: true,
    expect: [['thinking', 'Hm <b>.\n'], 'Hello.'],
  },
  {
    title: 'template, tag opened again',
    content: '<think>Hm.</think>Hello.',
    thinkingPrefilled: true,
    expect: [['thinking', 'Hm.'], 'Hello.'],
  },
  { title: 'template, no thinking', content: '</think>Hello.', thinkingPrefilled: true, expect: ['Hello.'] },
  { ...unchanged('template, no tag ever', 'Hello > there.'), thinkingPrefilled: true },
  {
    title: 'template, out of tokens before the tag',
    content: 'Hm.',
    thinkingPrefilled: true,
    finish: 'length',
    expect: [
      ['thinking', 'Hm.'],
      ['finish', 'length'],
    ],
  },
  { title: 'template, stream broken', content: 'Hm.', thinkingPrefilled: true, finish: 'broken', expect: ['Hm.'] },
  {
    title: 'template, but the server tells reasoning apart',
    content: [{ type: 'reasoning', text: 'Hm.' }, text('Hello.')],
    thinkingPrefilled: true,
    expect: [['thinking', 'Hm.'], 'Hello.'],
  },
  {
    title: 'stripped on a line of its own (R10)',
    content: 'Hm.\n</think>\n\nHello.',
    tools: noTools,
    expect: ['Hm.\n\n\nHello.'],
  },
  { title: 'stripped where it is glued', content: 'Hm.</think>Hello.', tools: noTools, expect: ['Hm.Hello.'] },
  { title: 'stripped at the end', content: 'Hm.\n</think>', tools: noTools, expect: ['Hm.\n'] },
  {
    title: 'stripped before a call',
    content: `Hm.</think>${read}`,
    expect: ['Hm.', ['call', 'Read', { file_path: '/a' }]],
  },
  unchanged('in prose', 'The </think> tag ends it, </think>, (</think>).', { tools: noTools }),
  unchanged('at the end of prose', 'It ends with </think>', { tools: noTools }),
  unchanged('in a fence', 'So:\n```\nHm.\n</think>\nHello.\n```\n', { tools: noTools }),
  unchanged('in a pair further down', 'R1 wraps it in <think> tags:\n<think>\nHm.\n</think>\nHello.', {
    tools: noTools,
  }),
  unchanged('backticked (N11)', 'Use `<think>` and `</think>` so.', { tools: noTools }),
  unchanged('a near miss (N29)', '  <thinking is fun> and </thought> too.', { tools: noTools }),
  unchanged('cut tags at the end', 'a </thin', { tools: noTools }),
  unchanged('a cut tag alone', '<thin', { tools: noTools }),
  unchanged('white space alone', ' \n', { tools: noTools }),
]);
