import { native, text } from '../pipe.ts';
import { checkCases, unchanged } from './cases.ts';

const ls = ['call', 'Bash', { command: 'ls' }] as const;
const call = '{"name": "Bash", "arguments": {"command": "ls"}}';

checkCases('Hermes calls in the text', [
  { title: 'over lines', content: `Ok.\n<tool_call>\n${call}\n</tool_call>\n`, expect: ['Ok.\n', [...ls]] },
  {
    title: 'two inline (H02)',
    content: `<tool_call>${call}</tool_call><tool_call>${call}</tool_call>`,
    expect: [[...ls], [...ls]],
  },
  {
    title: 'arguments as a JSON string (H03)',
    content: '<tool_call>\n{"name": "Bash", "arguments": "{\\"command\\": \\"ls\\"}"}\n</tool_call>',
    expect: [[...ls]],
  },
  {
    title: '"parameters"',
    content: '<tool_call>{"name": "Bash", "parameters": {"command": "ls"}}</tool_call>',
    expect: [[...ls]],
  },
  {
    title: 'arguments first',
    content: '<tool_call>{"arguments": {"command": "ls"}, "name": "Bash"}</tool_call>',
    expect: [[...ls]],
  },
  {
    title: 'no arguments',
    content: '<tool_call>{"name": "get_current_time", "arguments": {}}</tool_call>',
    expect: [['call', 'get_current_time', {}]],
  },
  {
    title: 'the closing tag inside a string',
    content: '<tool_call>{"name": "Bash", "arguments": {"command": "echo \\"}</tool_call>\\" {"}}</tool_call>',
    expect: [['call', 'Bash', { command: 'echo "}</tool_call>" {' }]],
  },
  {
    title: 'types mended where there is no doubt',
    content: '<tool_call>{"name": "Bash", "arguments": {"command": "ls", "timeout": "5"}}</tool_call>',
    expect: [['call', 'Bash', { command: 'ls', timeout: 5 }]],
  },
  { title: 'outer close missing at a normal stop', content: `<tool_call>\n${call}`, expect: [[...ls]] },
  unchanged('broken JSON (N14)', '<tool_call>{"name": "Bash", "arguments": {"command": "ls"}</tool_call> and on'),
  unchanged('JSON with a comment', '<tool_call>{"name": "Bash", /* c */ "arguments": {"command": "ls"}}</tool_call>'),
  unchanged('a quote left open', '<tool_call>{"name": "Bash", "arguments": {"command": "ls}}</tool_call> and on'),
  unchanged('undeclared name', '<tool_call>{"name": "shell", "arguments": {"command": "ls"}}</tool_call>'),
  unchanged(
    'placeholders (N22)',
    '<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>',
  ),
  unchanged('unknown key', '<tool_call>{"name": "Bash", "arguments": {"cmd": "ls"}}</tool_call>'),
  unchanged('words between object and close', `<tool_call>${call} is it</tool_call>`),
  {
    title: 'cut behind the object',
    content: `<tool_call>${call}`,
    finish: 'length',
    expect: [`<tool_call>${call}`, ['finish', 'length']],
  },
]);

checkCases('Llama calls in the text', [
  {
    title: 'python tag (H09)',
    content: '<|python_tag|>{"name": "Bash", "parameters": {"command": "ls"}}',
    expect: [[...ls]],
  },
  {
    title: 'python tag and end token',
    content: '<|python_tag|>{"name": "Bash", "parameters": {"command": "ls"}}<|eom_id|>',
    expect: [[...ls]],
  },
  {
    title: 'two behind one python tag',
    content:
      '<|python_tag|>{"name": "Bash", "parameters": {"command": "ls"}}; {"name": "get_current_time", "parameters": {}}',
    expect: [[...ls], ['call', 'get_current_time', {}]],
  },
  {
    title: 'JSON in <function=..>',
    content: 'So: <function=Bash>{"command": "ls"}</function>',
    expect: ['So: ', [...ls]],
  },
  unchanged('Python behind the python tag', '<|python_tag|>print({"name": "Bash"})'),
  unchanged('undeclared name behind the python tag', '<|python_tag|>{"name": "web", "parameters": {"q": "x"}}'),
  unchanged('broken JSON in <function=..>', '<function=Bash>{"command": ls}</function> x'),
]);

checkCases('answers of one JSON call', [
  {
    title: 'bare (H07)',
    content: '{\n  "name": "Bash",\n  "arguments": {\n    "command": "ls"\n  }\n}',
    expect: [[...ls]],
  },
  { title: 'blanks around', content: `\n ${call}\n`, expect: [[...ls]] },
  { title: 'fenced (H08)', content: `\`\`\`json\n${call}\n\`\`\`\n`, expect: [[...ls]] },
  { title: 'fenced without a language', content: `\`\`\`\n${call}\n\`\`\``, expect: [[...ls]] },
  unchanged('name is no tool (N07)', '{"name": "Alice", "arguments": {"age": 30}}'),
  unchanged('name is a tool, the rest is not (N08)', '{"name": "Bash", "version": "5.2"}'),
  unchanged('name alone is a tool', '{"name": "get_current_time"}'),
  unchanged('arguments that the tool does not have', '{"name": "Bash", "arguments": {"age": 30}}'),
  unchanged('required arguments missing', '{"name": "Write", "arguments": {"content": "x"}}'),
  unchanged('words behind', `${call}\n\nThis is the call.`),
  unchanged('words before (N06)', `Here:\n\`\`\`json\n${call}\n\`\`\`\nRun it.`),
  unchanged('fenced, words behind', `\`\`\`json\n${call}\n\`\`\`\nRun it.`),
  unchanged('two objects', `${call}\n${call}`),
  unchanged('an array', `[${call}]`),
  { title: 'cut', content: call, finish: 'length', expect: [call, ['finish', 'length']] },
  {
    title: 'shadow of a native call',
    content: [text(call), native('Bash', { command: 'ls' })],
    expect: [[...ls]],
  },
]);
