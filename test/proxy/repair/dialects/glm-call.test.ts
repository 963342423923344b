import { native, text } from '../pipe.ts';
import { checkCases, unchanged } from './cases.ts';

const read = '<tool_call>Read<arg_key>file_path</arg_key><arg_value>/tmp/a.txt</arg_value></tool_call>';
const readCall = ['call', 'Read', { file_path: '/tmp/a.txt' }] as const;
const ls = ['call', 'Bash', { command: 'ls -la' }] as const;

function write(content: string): string {
  return `<tool_call>Write<arg_key>file_path</arg_key><arg_value>/d.md</arg_value><arg_key>content</arg_key><arg_value>${content}</arg_value></tool_call>`;
}

checkCases('GLM calls in the text', [
  { title: 'GLM-4.7 on one line (C03)', content: `Let me look.${read}`, expect: ['Let me look.', [...readCall]] },
  {
    title: 'GLM-4.5 over several lines (C30)',
    content:
      "I'll read it.\n<tool_call>Read\n<arg_key>file_path</arg_key>\n<arg_value>/tmp/a.txt</arg_value>\n</tool_call>",
    expect: ["I'll read it.\n", [...readCall]],
  },
  { title: 'two calls without a blank between', content: `${read}${read}`, expect: [[...readCall], [...readCall]] },
  {
    title: 'text between two calls is kept (C06)',
    content: `A.\n${read}\nAlso b.\n${read}\n\nDone.`,
    expect: ['A.\n', [...readCall], 'Also b.\n', [...readCall], 'Done.'],
  },
  {
    title: 'no arguments (C08)',
    content: '<tool_call>get_current_time</tool_call>',
    expect: [['call', 'get_current_time', {}]],
  },
  {
    title: 'no arguments, over two lines',
    content: '<tool_call>get_current_time\n</tool_call>\n',
    expect: [['call', 'get_current_time', {}]],
  },
  {
    title: 'blanks around name and key are trimmed',
    content: '<tool_call> Bash <arg_key> command </arg_key> <arg_value>ls -la</arg_value> </tool_call>',
    expect: [[...ls]],
  },
  {
    title: 'an MCP name (C28)',
    content: '<tool_call>mcp__gmail-cleanup__list_filters</tool_call>',
    expect: [['call', 'mcp__gmail-cleanup__list_filters', {}]],
  },
  {
    title: 'types follow the schema (C10)',
    content:
      '<tool_call>Grep<arg_key>pattern</arg_key><arg_value>42</arg_value><arg_key>-n</arg_key><arg_value>true</arg_value><arg_key>head_limit</arg_key><arg_value> 20 </arg_value></tool_call><tool_call>TodoWrite<arg_key>todos</arg_key><arg_value>[{"content": "x"}]</arg_value></tool_call>',
    expect: [
      ['call', 'Grep', { pattern: '42', '-n': true, head_limit: 20 }],
      ['call', 'TodoWrite', { todos: [{ content: 'x' }] }],
    ],
  },
  {
    title: 'a value that is no JSON stays a string where JSON is due',
    content:
      '<tool_call>Grep<arg_key>pattern</arg_key><arg_value>x</arg_value><arg_key>head_limit</arg_key><arg_value>many</arg_value></tool_call>',
    expect: [['call', 'Grep', { pattern: 'x', head_limit: 'many' }]],
  },
  {
    title: 'a string stays as it is: blanks, entities, JSON, tags',
    content: write('\n  {"a": 1} &amp; <b>x</b>\n\n'),
    expect: [['call', 'Write', { file_path: '/d.md', content: '\n  {"a": 1} &amp; <b>x</b>\n\n' }]],
  },
  {
    title: 'a value that ends in < (C15)',
    content: '<tool_call>Grep<arg_key>pattern</arg_key><arg_value>.<</arg_value></tool_call>',
    expect: [['call', 'Grep', { pattern: '.<' }]],
  },
  {
    title: 'a value that names the outer tags',
    content: write('echo "<tool_call>" and "</tool_call>" and <arg_value>'),
    expect: [
      ['call', 'Write', { file_path: '/d.md', content: 'echo "<tool_call>" and "</tool_call>" and <arg_value>' }],
    ],
  },
  {
    title: 'a value that holds a whole call is not cut at its end',
    content: `${write(`Example:\n${read}\nEnd.`)}Done.`,
    expect: [['call', 'Write', { file_path: '/d.md', content: `Example:\n${read}\nEnd.` }], 'Done.'],
  },
  {
    title: 'Cyrillic and emoji (C33)',
    content: write('ё🎉'),
    expect: [['call', 'Write', { file_path: '/d.md', content: 'ё🎉' }]],
  },
  {
    title: 'glued to the end of a fence',
    content: `So:\n\`\`\`sh\nls\n\`\`\`${read}`,
    expect: ['So:\n```sh\nls\n```', [...readCall]],
  },
  { title: 'glued to inline code', content: `I read \`a.txt\`${read}`, expect: ['I read `a.txt`', [...readCall]] },
  { title: 'behind quotations', content: `It's "a" 'b.' "c."${read}`, expect: [`It's "a" 'b.' "c."`, [...readCall]] },
  {
    title: 'behind a stray backtick on an earlier line',
    content: `An odd \` here\n${read}`,
    expect: ['An odd ` here\n', [...readCall]],
  },
  {
    title: 'in a list',
    content: `1. First:\n   ${read}\n2. ${read}`,
    expect: ['1. First:\n   ', [...readCall], '2. ', [...readCall]],
  },
  {
    title: 'behind a mention of the tag',
    content: `Use <tool_call>{name} so.\n${read}`,
    expect: ['Use <tool_call>{name} so.\n', [...readCall]],
  },
  {
    title: 'a lone < before the call',
    content: `if a <b then <${read}`,
    expect: ['if a <b then <', [...readCall]],
  },
]);

checkCases('malformed GLM calls', [
  { title: 'doubled opener (C16)', content: `<tool_call>${read}`, expect: [[...readCall]] },
  {
    title: 'doubled opener on lines of their own (C17)',
    content: `Hm.\n<tool_call>\n${read}`,
    expect: ['Hm.\n', [...readCall]],
  },
  {
    title: 'doubled opener and closer',
    content: `<tool_call>${read}</tool_call>\nOk.`,
    expect: [[...readCall], 'Ok.'],
  },
  {
    title: 'second tag as the first key (C18)',
    content: '<tool_call>Bash<tool_call>command</arg_key><arg_value>ls -la</arg_value></tool_call>',
    expect: [[...ls]],
  },
  {
    title: 'value without its opener (C19)',
    content: '<tool_call>Bash<arg_key>command</arg_key>ls -la</arg_value></tool_call>',
    expect: [[...ls]],
  },
  {
    title: 'value without its opener, then a sound one',
    content:
      '<tool_call>Bash\n<arg_key>command</arg_key>\nls -la</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>',
    expect: [['call', 'Bash', { command: 'ls -la', timeout: 5 }]],
  },
  {
    title: 'key without its opener',
    content:
      '<tool_call>Bash\ncommand</arg_key><arg_value>ls -la</arg_value>timeout</arg_key><arg_value>5</arg_value></tool_call>',
    expect: [['call', 'Bash', { command: 'ls -la', timeout: 5 }]],
  },
  {
    title: 'name and key glued (C20)',
    content: '<tool_call>Bashcommand</arg_key><arg_value>ls -la</arg_value></tool_call>',
    expect: [[...ls]],
  },
  {
    title: 'name and key glued, the key none of the tool',
    content: '<tool_call>Bashpattern</arg_key><arg_value>ls</arg_value></tool_call>',
    expect: ['<tool_call>Bashpattern</arg_key><arg_value>ls</arg_value></tool_call>'],
  },
  {
    title: 'outer close missing at a normal stop (C21)',
    content: '<tool_call>Bash<arg_key>command</arg_key><arg_value>ls -la</arg_value>\n',
    expect: [[...ls]],
  },
  unchanged(
    'outer close and a required argument missing',
    '<tool_call>Write<arg_key>file_path</arg_key><arg_value>/a</arg_value>',
  ),
  {
    ...unchanged(
      'outer close missing where the tokens ran out',
      '<tool_call>Bash<arg_key>command</arg_key><arg_value>ls</arg_value>',
    ),
    finish: 'length',
    expect: ['<tool_call>Bash<arg_key>command</arg_key><arg_value>ls</arg_value>', ['finish', 'length']],
  },
  {
    title: 'cut in a value that speaks of calls (N13)',
    content: `<tool_call>Write<arg_key>content</arg_key><arg_value>Docs: ${read} and mo`,
    finish: 'length',
    expect: [`<tool_call>Write<arg_key>content</arg_key><arg_value>Docs: ${read} and mo`, ['finish', 'length']],
  },
  {
    title: 'broken stream in a call',
    content: 'Now.<tool_call>Bash<arg_key>command</arg_key><arg_value>ls</arg_value>',
    finish: 'broken',
    expect: ['Now.<tool_call>Bash<arg_key>command</arg_key><arg_value>ls</arg_value>'],
  },
  unchanged(
    'an argument that the tool does not have',
    '<tool_call>Bash<arg_key>cmd</arg_key><arg_value>ls</arg_value></tool_call> ok',
  ),
  unchanged('no arguments where one is required', 'Write <tool_call>Bash</tool_call> around it.'),
  unchanged(
    'an undeclared tool whose value holds a call',
    `<tool_call>save<arg_key>content</arg_key><arg_value>${read}</arg_value></tool_call>`,
  ),
]);

checkCases('GLM calls beside native ones', [
  {
    title: 'shadow of a native call (C22)',
    content: [text(`Ok.\n${read}`), native('Read', { file_path: '/tmp/a.txt' })],
    expect: ['Ok.\n', [...readCall]],
  },
  {
    title: 'a second native call is no shadow',
    content: [text(read), native('Read', { file_path: '/tmp/a.txt' }), native('Read', { file_path: '/tmp/a.txt' })],
    expect: [[...readCall], [...readCall]],
  },
  {
    title: 'orphan opener (C23)',
    content: [text('Reading.\n<tool_call>\n'), native('Read', { file_path: '/tmp/a.txt' })],
    expect: ['Reading.\n', [...readCall]],
  },
  {
    title: 'nothing but an orphan opener',
    content: [text('<tool_call>'), native('Read', { file_path: '/tmp/a.txt' })],
    expect: [[...readCall]],
  },
  {
    title: 'orphan closer (C24)',
    content: [text('Reading.</tool_call>'), native('Read', { file_path: '/tmp/a.txt' })],
    expect: ['Reading.', [...readCall]],
  },
  {
    title: 'empty pair',
    content: [text('<tool_call>\n</tool_call>'), native('Read', { file_path: '/tmp/a.txt' })],
    expect: [[...readCall]],
  },
  {
    title: 'orphan closer before a recovered call',
    content: `Hm.</tool_call>\n${read}`,
    expect: ['Hm.', [...readCall]],
  },
  unchanged('orphan tag in an answer without calls', 'The tag is </tool_call>'),
  unchanged('orphan opener in an answer without calls', 'The tag is <tool_call>\n'),
  {
    title: 'markup in a native call (N17)',
    content: [native('Write', { file_path: '/d.md', content: read })],
    expect: [['call', 'Write', { file_path: '/d.md', content: read }]],
  },
  {
    title: 'backticked tags beside a native call',
    content: [text('I use `<tool_call>`.'), native('Read', { file_path: '/tmp/a.txt' })],
    expect: ['I use `<tool_call>`.', [...readCall]],
  },
  {
    title: 'a call that stays open beside a native one',
    content: [
      text('<tool_call>Bash<arg_key>command</arg_key><arg_value>ls'),
      native('Read', { file_path: '/tmp/a.txt' }),
    ],
    expect: ['<tool_call>Bash<arg_key>command</arg_key><arg_value>ls', [...readCall]],
  },
]);

checkCases('user-quoted calls', [
  unchanged('what the user wrote is quoted', `You asked what this means:\n${read}\nIt reads a file.`, {
    quotable: `Explain ${read} please`,
  }),
]);
