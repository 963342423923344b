import type { Part } from '../../../proxy/part.ts';
import { checkCases } from './dialects/cases.ts';
import { native, text } from './pipe.ts';

const read = '<tool_call>Read<arg_key>file_path</arg_key><arg_value>/a</arg_value></tool_call>';
const readCall = ['call', 'Read', { file_path: '/a' }] as const;

function thought(content: string): Part {
  return { type: 'reasoning', text: content };
}

checkCases('calls at the end of the thinking', [
  {
    title: 'taken where nothing else comes (C25)',
    content: [thought(`I read it.\n${read}\n`)],
    expect: [['thinking', `I read it.\n${read}\n`], [...readCall]],
  },
  {
    title: 'taken beside blank text',
    content: [thought(read), text('\n\n')],
    expect: [['thinking', read], '\n\n', [...readCall]],
  },
  {
    title: 'left where an answer follows (N24)',
    content: [thought(`I read it.\n${read}`), text('It says hi.')],
    expect: [['thinking', `I read it.\n${read}`], 'It says hi.'],
  },
  {
    title: 'left where a native call follows',
    content: [thought(read), native('Bash', { command: 'ls' })],
    expect: [
      ['thinking', read],
      ['call', 'Bash', { command: 'ls' }],
    ],
  },
  {
    title: 'left where thoughts follow',
    content: [thought(`${read} or not?`)],
    expect: [['thinking', `${read} or not?`]],
  },
  {
    title: 'left where it is quoted',
    content: [thought(`They wrote \`${read}\``)],
    expect: [['thinking', `They wrote \`${read}\``]],
  },
  {
    title: 'left where the user wrote it',
    content: [thought(`They wrote ${read}`)],
    quotable: `Explain ${read}`,
    expect: [['thinking', `They wrote ${read}`]],
  },
  {
    title: 'left where the answer was cut',
    content: [thought(read)],
    finish: 'length',
    expect: [
      ['thinking', read],
      ['finish', 'length'],
    ],
  },
  {
    title: 'taken behind think tags',
    content: `<think>I read it.\n${read}</think>`,
    expect: [['thinking', `I read it.\n${read}`], [...readCall]],
  },
]);
