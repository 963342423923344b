import { checkCases, unchanged } from './cases.ts';

const bash = '<function=Bash>\n<parameter=command>\nls\n</parameter>\n</function>';
const wrapped = `<tool_call>\n${bash}\n</tool_call>`;
const ls = ['call', 'Bash', { command: 'ls' }] as const;

function write(content: string): string {
  return `<tool_call>\n<function=Write>\n<parameter=file_path>\n/i\n</parameter>\n<parameter=content>\n${content}\n</parameter>\n</function>\n</tool_call>`;
}

checkCases('Qwen3-Coder calls in the text', [
  { title: 'wrapped (Q01)', content: `Let me.\n\n${wrapped}`, expect: ['Let me.\n\n', [...ls]] },
  {
    title: 'naked, with an orphan close (Q02)',
    content: `I'll check.\n\n${bash}\n</tool_call>`,
    expect: ["I'll check.\n\n", [...ls]],
  },
  { title: 'naked', content: `${bash}\nThen more.`, expect: [[...ls], 'Then more.'] },
  { title: 'two wrapped', content: `${wrapped}\n${wrapped}`, expect: [[...ls], [...ls]] },
  { title: 'two in one wrapper', content: `<tool_call>\n${bash}\n${bash}\n</tool_call>`, expect: [[...ls], [...ls]] },
  { title: 'doubled opener', content: `<tool_call>\n${wrapped}`, expect: [[...ls]] },
  { title: 'on one line', content: '<function=Bash><parameter=command>ls</parameter></function>', expect: [[...ls]] },
  {
    title: 'no arguments',
    content: '<tool_call>\n<function=get_current_time>\n</function>\n</tool_call>',
    expect: [['call', 'get_current_time', {}]],
  },
  {
    title: 'operators and brackets in the value (Q08)',
    content:
      'Ok. <tool_call>\n<function=Bash>\n<parameter=command>\nls && echo "a > b and a < b"\n</parameter>\n</function>\n</tool_call>',
    expect: ['Ok. ', ['call', 'Bash', { command: 'ls && echo "a > b and a < b"' }]],
  },
  {
    title: 'HTML in the value, not unescaped (Q09)',
    content: write('<div class="a">\n  <p>x &amp; y</p>\n</div>'),
    expect: [['call', 'Write', { file_path: '/i', content: '<div class="a">\n  <p>x &amp; y</p>\n</div>' }]],
  },
  {
    title: 'exactly one newline at each end is taken off',
    content: write('\n  a\n\n'),
    expect: [['call', 'Write', { file_path: '/i', content: '\n  a\n\n' }]],
  },
  {
    title: 'a value that holds a whole call of the same dialect',
    content: write(`Docs:\n${wrapped}\nEnd.`),
    expect: [['call', 'Write', { file_path: '/i', content: `Docs:\n${wrapped}\nEnd.` }]],
  },
  {
    title: 'a value with tags of the dialect in its words',
    content: write('Close with </parameter> and </function>.\n</function>\nreally'),
    expect: [
      ['call', 'Write', { file_path: '/i', content: 'Close with </parameter> and </function>.\n</function>\nreally' }],
    ],
  },
  {
    title: 'types follow the schema',
    content:
      '<function=Grep>\n<parameter=pattern>\n1\n</parameter>\n<parameter=-n>\ntrue\n</parameter>\n<parameter=head_limit>\n7\n</parameter>\n</function>',
    expect: [['call', 'Grep', { pattern: '1', '-n': true, head_limit: 7 }]],
  },
  unchanged(
    'an undeclared tool in prose (N18)',
    'The syntax is <function=foo> followed by <parameter=bar>value</parameter></function>, nothing else.',
  ),
  unchanged('an undeclared tool whose value holds a call', `<function=save>\n<parameter=text>\n${bash}`),
  unchanged(
    'a parameter that the tool does not have',
    '<function=Bash>\n<parameter=cmd>\nls\n</parameter>\n</function>\n',
  ),
  unchanged('a mention of a declared tool', 'Use <function=Bash> for shells.'),
]);

checkCases('malformed Qwen3-Coder calls', [
  {
    title: '</parameter> missing before the next one',
    content:
      '<tool_call>\n<function=Grep>\n<parameter=pattern>\nx\n<parameter=path>\n.\n</parameter>\n</function>\n</tool_call>',
    expect: [['call', 'Grep', { pattern: 'x', path: '.' }]],
  },
  {
    title: '</parameter> missing at the end',
    content: '<tool_call>\n<function=Bash>\n<parameter=command>\nls\n</function>\n</tool_call>',
    expect: [[...ls]],
  },
  {
    title: "</parameter> missing at the answer's end",
    content: '<function=Bash>\n<parameter=command>\nls\n</function>',
    expect: [[...ls]],
  },
  {
    title: '</function> missing',
    content: '<tool_call>\n<function=Bash>\n<parameter=command>\nls\n</parameter>\n</tool_call>\nOk.',
    expect: [[...ls], 'Ok.'],
  },
  {
    title: 'both outer tags missing at a normal stop',
    content: '<function=Bash>\n<parameter=command>\nls\n</parameter>\n',
    expect: [[...ls]],
  },
  unchanged('a value that stays open', '<function=Bash>\n<parameter=command>\nls'),
  {
    title: 'cut by the token limit behind its arguments',
    content: '<function=Bash>\n<parameter=command>\nls\n</parameter>\n',
    finish: 'length',
    expect: ['<function=Bash>\n<parameter=command>\nls\n</parameter>\n', ['finish', 'length']],
  },
]);
