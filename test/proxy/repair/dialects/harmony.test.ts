import { noTools } from '../pipe.ts';
import { checkCases, unchanged } from './cases.ts';

const ls = ['call', 'Bash', { command: 'ls' }] as const;
const json = '{"command":"ls"}';

checkCases('harmony calls in the text', [
  {
    title: 'standard (G01)',
    content: `<|start|>assistant<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
    expect: [[...ls]],
  },
  {
    title: 'first tokens absent',
    content: `<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
    expect: [[...ls]],
  },
  {
    title: 'thinking first (G02)',
    content: `<|channel|>analysis<|message|>Need to list files.<|end|><|start|>assistant<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
    expect: [['thinking', 'Need to list files.'], [...ls]],
  },
  {
    title: 'recipient before the channel (G03)',
    content: `<|start|>assistant to=functions.Bash<|channel|>commentary <|constrain|>json<|message|>${json}<|call|>`,
    expect: [[...ls]],
  },
  {
    title: 'recipient before the channel, first tokens absent',
    content: ` to=functions.Bash<|channel|>commentary json<|message|>${json}<|call|>`,
    expect: [[...ls]],
  },
  {
    title: 'glued constrain, ended by EOS (G04)',
    content: `<|channel|>commentary to=functions.Bash<|constrain|>json<|message|>${json}`,
    expect: [[...ls]],
  },
  {
    title: 'prose, then a call (G05)',
    content: `We need it. <|start|>assistant<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}`,
    expect: ['We need it. ', [...ls]],
  },
  {
    title: 'ended by <|return|>',
    content: `<|channel|>commentary to=functions.Bash<|message|>${json}<|return|>`,
    expect: [[...ls]],
  },
  {
    title: 'ended by <|end|>',
    content: `<|channel|>commentary to=functions.Bash code<|message|>${json}<|end|>`,
    expect: [[...ls]],
  },
  {
    title: 'channel analysis',
    content: `<|channel|>analysis to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
    expect: [[...ls]],
  },
  {
    title: 'name without functions.',
    content: `<|channel|>commentary to=Bash<|message|>${json}<|call|>`,
    expect: [[...ls]],
  },
  {
    title: 'preamble in commentary (G09)',
    content: `<|channel|>commentary<|message|>I'll list.<|end|><|start|>assistant<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
    expect: ["I'll list.", [...ls]],
  },
  {
    title: 'two calls',
    content: `<|channel|>commentary to=functions.Bash<|message|>${json}<|call|><|start|>assistant<|channel|>commentary to=functions.get_current_time<|message|>{}<|call|>`,
    expect: [[...ls], ['call', 'get_current_time', {}]],
  },
  {
    title: 'end token inside a string',
    content: '<|channel|>commentary to=functions.Bash<|message|>{"command":"echo <|call|>}"}<|call|>',
    expect: [['call', 'Bash', { command: 'echo <|call|>}' }]],
  },
  { title: 'no special tokens at all (G07)', content: `commentary to=functions.Bash json${json}`, expect: [[...ls]] },
  unchanged('no special tokens, words behind', `commentary to=functions.Bash json${json} is how`),
  unchanged('undeclared recipient', `<|channel|>commentary to=functions.shell<|message|>${json}<|call|>`),
  unchanged('broken JSON', '<|start|>assistant<|channel|>commentary to=functions.Bash<|message|>{"command":<|call|> x'),
  {
    title: 'cut behind the object',
    content: `<|channel|>commentary to=functions.Bash<|message|>${json}`,
    finish: 'length',
    expect: [`<|channel|>commentary to=functions.Bash<|message|>${json}`, ['finish', 'length']],
  },
]);

checkCases('harmony channels in the text', [
  {
    title: 'thinking, then the answer',
    content:
      '<|channel|>analysis<|message|>Hm <b>.<|end|><|start|>assistant<|channel|>final<|message|>Hello <|x|> there.<|return|>',
    expect: [['thinking', 'Hm <b>.'], 'Hello <|x|> there.'],
  },
  { title: 'the answer alone', content: '<|channel|>final<|message|>Hello.', tools: noTools, expect: ['Hello.'] },
  {
    title: 'the first header dropped by the server',
    content: 'I think.<|end|><|start|>assistant<|channel|>final<|message|>Hello.<|return|>',
    tools: noTools,
    expect: ['I think.Hello.'],
  },
  {
    title: 'thinking cut by the token limit',
    content: '<|channel|>analysis<|message|>Hm <|',
    finish: 'length',
    expect: [
      ['thinking', 'Hm <|'],
      ['finish', 'length'],
    ],
  },
  {
    title: 'an answer that ends in a fence',
    content: '<|channel|>final<|message|>```\nls\n```<|return|>',
    expect: ['```\nls\n```'],
  },
  unchanged(
    'prose about harmony (N12)',
    'In harmony a call is routed with commentary to=functions.Bash and the marker `<|channel|>`.',
  ),
  unchanged('a header in prose', 'A header is <|start|>assistant<|channel|>final<|message|> and then text.'),
  unchanged('a token in prose', 'Then <|channel|> comes, then <|end|>.', { tools: noTools }),
  unchanged('words like a header', 'commentary to=functions.Bash is the header.'),
  unchanged('words like a recipient', 'to=functions.Bash is the recipient.'),
]);
