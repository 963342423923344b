import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DemoQuestion } from '../../../../proxy/upstream/demo/question.ts';
import { planToolCall } from '../../../../proxy/upstream/demo/tool-call.ts';

const text = { type: 'string' };
function declare(name: string, ...required: string[]) {
  const properties = Object.fromEntries(required.map((property) => [property, text]));
  return { name, parameters: { type: 'object', properties, required } };
}

const claudeCode = [
  declare('Task', 'prompt'),
  declare('AskUserQuestion', 'questions'),
  declare('Bash', 'command'),
  declare('Edit', 'file_path', 'old_string', 'new_string'),
  declare('Glob', 'pattern'),
  declare('Grep', 'pattern'),
  declare('Read', 'file_path'),
  declare('TodoWrite', 'todos'),
  declare('Write', 'file_path', 'content'),
];

function plan(userText: string, more: Partial<DemoQuestion> = {}) {
  return planToolCall({
    model: 'm',
    stream: true,
    userText,
    toolResult: undefined,
    tools: claudeCode,
    toolChoice: 'auto',
    thinking: false,
    answerSchema: undefined,
    folder: undefined,
    limit: Infinity,
    promptTokens: 1,
    ...more,
  });
}

describe('simulated tool calls', () => {
  const cases: [string, string, object][] = [
    ['Please read src/main.ts and explain it', 'Read', { file_path: 'src/main.ts' }],
    ['Прочитай файл настройки.json', 'Read', { file_path: 'настройки.json' }],
    ['open the readme', 'Read', { file_path: 'README.md' }],
    ['List the files here', 'Glob', { pattern: '*' }],
    ['Покажи README.md', 'Read', { file_path: 'README.md' }],
    ['run the tests', 'Bash', { command: 'echo "[demo] simulated command"' }],
    ['grep for something', 'Grep', { pattern: 'TODO' }],
    ['use the Task tool', 'Task', { prompt: '[demo] simulated value' }],
  ];
  for (const [words, name, value] of cases)
    it(`"${words}" calls ${name}`, () => assert.deepEqual(plan(words), { name, arguments: value }));

  it('answer in words where nothing is asked of a tool', () => {
    for (const words of ['Hello', 'What is my question about?', 'Threads and readiness', 'Что такое стрелка?'])
      assert.equal(plan(words), undefined, words);
    assert.equal(plan('read a.txt', { tools: [] }), undefined);
    assert.equal(plan('read a.txt', { toolChoice: 'none' }), undefined);
    assert.equal(plan('read a.txt', { toolResult: 'done' }), undefined);
  });

  it('write to a file of their own only, and run nothing that the text holds', () => {
    const written = plan('write "hello" to /etc/passwd');
    assert.equal(written?.name, 'Write');
    assert.match(JSON.stringify(written?.arguments), /"file_path":"strelka-demo.txt","content":"\[demo\]/);
    assert.doesNotMatch(JSON.stringify(plan('run `rm -rf /`')), /rm/);
  });

  it('find the path in the folder that the client works in', () => {
    const read = (folder: string, words: string) => plan(words, { folder })?.arguments;
    assert.deepEqual(read('/home/me/', 'read a.ts'), { file_path: '/home/me/a.ts' });
    assert.deepEqual(read('C:\\work', 'read a.ts'), { file_path: 'C:\\work\\a.ts' });
    assert.deepEqual(read('/home/me', 'read /etc/hosts.conf'), { file_path: '/etc/hosts.conf' });
  });

  it('obey a forced choice', () => {
    assert.equal(plan('Hello', { toolChoice: { name: 'Edit' } })?.name, 'Edit');
    assert.equal(plan('Hello', { toolChoice: 'required' })?.name, 'Task');
    assert.equal(plan('read a.ts', { toolChoice: 'required' })?.name, 'Read');
    assert.equal(plan('Hello', { toolChoice: { name: 'Missing' } }), undefined);
  });

  it('find the only fitting tool of a few by a word of its name', () => {
    const tools = [declare('get_weather', 'city')];
    assert.deepEqual(plan('What is the weather?', { tools }), { name: 'get_weather', arguments: { city: 'Moscow' } });
    assert.equal(plan('What is the time?', { tools }), undefined);
  });

  it('bear tools without a schema', () => {
    assert.deepEqual(plan('list files', { tools: [{ name: 'ls', parameters: undefined }] }), {
      name: 'ls',
      arguments: {},
    });
  });
});
