import { checkCases, unchanged } from './cases.ts';

function invoke(name: string, parameters: Record<string, string>): string {
  const lines = Object.entries(parameters).map(([key, value]) => `<parameter name="${key}">${value}</parameter>`);
  return `<invoke name="${name}">\n${lines.join('\n')}\n</invoke>`;
}

checkCases('Anthropic-like calls in the text', [
  {
    title: 'one call',
    content: `Ok.\n<function_calls>\n${invoke('Bash', { command: 'ls', timeout: '5' })}\n</function_calls>\nDone.`,
    expect: ['Ok.\n', ['call', 'Bash', { command: 'ls', timeout: 5 }], 'Done.'],
  },
  {
    title: 'two calls',
    content: `<function_calls>${invoke('Bash', { command: 'ls' })}${invoke('get_current_time', {})}</function_calls>`,
    expect: [
      ['call', 'Bash', { command: 'ls' }],
      ['call', 'get_current_time', {}],
    ],
  },
  {
    title: 'XML in a value',
    content: `<function_calls>${invoke('Bash', { command: 'echo "</parameter> x" > a.xml' })}</function_calls>`,
    expect: [['call', 'Bash', { command: 'echo "</parameter> x" > a.xml' }]],
  },
  unchanged(
    'one of two is undeclared',
    `<function_calls>${invoke('Bash', { command: 'ls' })}${invoke('shell', { command: 'ls' })}</function_calls>`,
  ),
  unchanged('unknown parameter', `<function_calls>${invoke('Bash', { cmd: 'ls' })}</function_calls>`),
  unchanged('not closed', `<function_calls>${invoke('Bash', { command: 'ls' })}`),
  unchanged('a mention', 'The block starts with <function_calls> and holds <invoke name="Bash">.'),
]);
