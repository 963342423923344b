import type { FailureCase } from './case.ts';
import {
  breaks,
  call,
  calls,
  completion,
  delta,
  done,
  end,
  message,
  more,
  role,
  say,
  streamed,
  text,
  use,
  whole,
} from './wire.ts';

const readA = use('Read', { file_path: '/a' });
const readB = use('Read', { file_path: '/b' });
const bash = use('Bash', { command: 'ls' });
const a = '{"file_path":"/a"}';
const b = '{"file_path":"/b"}';
const ls = '{"command":"ls"}';
const toolEnd = [end('tool_calls'), done];

/** A streamed answer of tool call deltas, a list an element for each chunk. */
function native(
  id: string,
  title: string,
  chunks: object[][],
  ...expect: Parameters<typeof message>[1][]
): FailureCase {
  return streamed(
    id,
    title,
    [role, ...chunks.map((list) => calls(...list)), ...toolEnd],
    expect.map((blocks) => message('tool_use', blocks)),
  );
}

/** Native tool calls in every form of failures.md 1 that the published cases leave out. */
export const callCases: readonly FailureCase[] = [
  native('A02', 'all arguments in one delta', [[call(0, 'call_1', 'Read', a)]], [readA]),
  streamed(
    'A06',
    'finish reason, no [DONE]',
    [role, calls(call(0, 'call_1', 'Read', a)), end('tool_calls')],
    [message('tool_use', [readA])],
  ),
  native(
    'A07',
    'two calls, interleaved',
    [
      [call(0, 'call_1', 'Read', '')],
      [call(1, 'call_2', 'Bash', '')],
      [more(0, '{"file_'), more(1, '{"comm')],
      [more(1, 'and":"ls"}')],
      [more(0, 'path":"/a"}')],
    ],
    [readA, bash],
  ),
  native(
    'A08',
    'three calls, begun in another order than their indexes',
    [
      [call(2, 'call_3', 'get_current_time', '')],
      [call(0, 'call_1', 'Read', '{"file_path":')],
      [call(1, 'call_2', 'Bash', ls)],
      [more(0, '"/a"}')],
    ],
    [use('get_current_time', {}), readA, bash],
  ),
  native(
    'A10',
    'same index, new id and name',
    [[call(0, 'call_1', 'Read', a)], [call(0, 'call_2', 'Bash', ls)]],
    [readA, bash],
  ),
  native(
    'A10-same-name',
    'same index, new id',
    [[call(0, 'call_1', 'Read', a)], [call(0, 'call_2', 'Read', b)]],
    [readA, readB],
  ),
  native(
    'A10-no-ids',
    'same index, no ids',
    [[call(0, undefined, 'Read', a)], [call(0, undefined, 'Bash', ls)]],
    [readA, bash],
  ),
  native(
    'A10-zero-arg',
    'same index, the first call without arguments',
    [[call(0, 'call_1', 'get_current_time', '')], [call(0, 'call_2', 'Bash', ls)]],
    [use('get_current_time', {}), bash],
  ),
  native(
    'A10-one-chunk',
    'same index in one delta',
    [[call(0, 'call_1', 'Read', a), call(0, 'call_2', 'Bash', ls)]],
    [readA, bash],
  ),
  native(
    'A10-objects',
    'same index, arguments as objects',
    [[call(0, 'x', 'Read', { file_path: '/a' })], [call(0, 'y', 'Read', { file_path: '/b' })]],
    [readA, readB],
  ),
  native(
    'A11',
    'index missing',
    [[call(undefined, 'call_1', 'Read', '')], [more(undefined, '{"file_')], [more(undefined, 'path":"/a"}')]],
    [readA],
  ),
  native(
    'A11-null',
    'index null',
    [[{ ...call(0, 'call_1', 'Read', ''), index: null }], [{ ...more(0, a), index: null }]],
    [readA],
  ),
  native(
    'A12-no-ids',
    'neither index nor id, two calls of one tool',
    [[call(undefined, undefined, 'Read', a)], [call(undefined, undefined, 'Read', b)]],
    [readA, readB],
  ),
  native(
    'A12-name-repeated',
    'no index, id and name on every delta',
    [
      [call(undefined, 'call_1', 'Read', '{"file_')],
      [call(undefined, 'call_1', 'Read', 'path":"/a"}')],
      [call(undefined, 'call_2', 'Bash', '{"comm')],
      [call(undefined, 'call_2', 'Bash', 'and":"ls"}')],
    ],
    [readA, bash],
  ),
  native(
    'A12-same-id',
    'no index, same id, two tools',
    [[call(undefined, 'x', 'Read', a)], [call(undefined, 'x', 'Bash', ls)]],
    [readA, bash],
  ),
  native(
    'A13-two',
    'no ids, two calls',
    [[call(0, undefined, 'Read', a)], [call(1, undefined, 'Bash', ls)]],
    [readA, bash],
  ),
  native(
    'A15',
    'the id changes on every delta',
    [[call(0, 'call_1', 'Read', '{"fi')], [{ ...call(0, 'call_2', null, 'le_path') }], [more(0, '":"/a"}', 'call_3')]],
    [readA],
  ),
  native(
    'A15-complete',
    'a new id beside an empty fragment behind a complete call',
    [[call(0, 'call_1', 'Read', a)], [call(0, 'call_2', null, '')]],
    [readA],
  ),
  native(
    'A18',
    'double encoded in a stream',
    [[call(0, 'call_1', 'Read', '"{\\"file_path\\"')], [more(0, ': \\"/a\\"}"')]],
    [readA],
  ),
  native('A19', 'arguments null', [[call(0, 'call_1', 'get_current_time', null)]], [use('get_current_time', {})]),
  native(
    'A20',
    'arguments empty',
    [[call(0, 'call_1', 'get_current_time', '')], [more(0, '')]],
    [use('get_current_time', {})],
  ),
  native(
    'A21',
    'a bogus {} in place of the brace',
    [[call(0, 'call_1', 'Read', '{"file_path": "/a"')], [more(0, '{}')]],
    [readA],
  ),
  native(
    'A22',
    'fragments, then the whole',
    [[call(0, 'call_1', 'Read', '{"file_path"')], [more(0, ':"/')], [more(0, a)]],
    [readA],
  ),
  native(
    'A22-growing',
    'every delta holds all so far',
    [[call(0, 'call_1', 'Read', '{"file')], [more(0, '{"file_path":"')], [more(0, a)]],
    [readA],
  ),
  streamed(
    'A22-finish',
    'the whole again with the finish reason, id and name null',
    [
      role,
      calls(call(0, 'call_1', 'Read', '{"file_path"')),
      calls(more(0, ':"/a')),
      delta({ tool_calls: [call(0, null, null, a)] }, 'tool_calls'),
      done,
    ],
    [message('tool_use', [readA])],
  ),
  native(
    'A24',
    'arguments {}{}',
    [[call(0, 'call_1', 'get_current_time', '{}')], [more(0, '{}')]],
    [use('get_current_time', {})],
  ),
  native('A24-front', 'a {} before the arguments', [[call(0, 'call_1', 'Read', '{}')], [more(0, a)]], [readA]),
  native('A24-behind', 'a {} behind the arguments', [[call(0, 'call_1', 'Read', a)], [more(0, '{}')]], [readA]),
  native('A25', 'glued objects', [[call(0, 'call_1', 'Read', `${a}${b}`)]], [readA, readB]),
  native('A26', 'name blank first', [[call(0, 'call_1', '', '')], [call(0, 'call_1', 'Read', a)]], [readA]),
  native('A26-spaces', 'name of blanks first', [[call(0, 'call_1', '  ', '')], [call(0, null, 'Read', a)]], [readA]),
  streamed('A27-spaces', 'a name of blanks only', [role, calls(call(0, 'call_1', ' ', a)), ...toolEnd], [breaks([])]),
  native(
    'A28',
    'arguments before the name',
    [[more(0, '{"file_', 'call_1')], [call(0, undefined, 'Read', 'path":"/a"}')]],
    [readA],
  ),
  native(
    'A28-second',
    'the second call: arguments before the name',
    [[call(0, 'call_1', 'Bash', ls)], [more(1, '{"file_path"')], [call(1, 'call_2', 'Read', ':"/a"}')]],
    [bash, readA],
  ),
  native(
    'A28-pieces',
    'the name in pieces',
    [[call(0, 'call_1', 'get_', '')], [call(0, undefined, 'current_time', '{}')]],
    [use('get_current_time', {})],
  ),
  native(
    'A29-types',
    'arguments in the name, one a number',
    [
      [
        call(
          0,
          'c',
          'Read<arg_key>file_path</arg_key><arg_value>/a</arg_value><arg_key>limit</arg_key><arg_value>5</arg_value>',
          '',
        ),
      ],
    ],
    [use('Read', { file_path: '/a', limit: 5 })],
  ),
  streamed(
    'A29-cut',
    'arguments in the name, cut',
    [
      role,
      calls(
        call(
          0,
          'c',
          'Write<arg_key>file_path</arg_key><arg_value>/a</arg_value><arg_key>content</arg_key><arg_value>half',
          '{}',
        ),
      ),
      ...toolEnd,
    ],
    [breaks([])],
  ),
  native('A30', 'harmony tokens in the name', [[call(0, 'call_1', 'Bash<|channel|>commentary', ls)]], [bash]),
  native('A31', 'name space before the name', [[call(0, 'call_1', 'functions.Bash', ls)]], [bash]),
  native(
    'A32',
    'an undeclared name stays, for the client to refuse',
    [[call(0, 'call_1', 'Frobnicate', '{}')]],
    [use('Frobnicate', {})],
  ),
  streamed(
    'A33',
    'finish tool_calls without calls',
    [role, say('Done.'), ...toolEnd],
    [message('end_turn', [text('Done.')]), breaks()],
  ),
  streamed('A33-empty', 'finish tool_calls with nothing at all', [role, ...toolEnd], [breaks([])]),
  streamed(
    'A34',
    'length with cut arguments',
    [
      role,
      say('Writing.'),
      calls(call(0, 'call_1', 'Write', '')),
      calls(more(0, '{"file_path": "/a", "content": "hal')),
      end('length'),
      done,
    ],
    [message('max_tokens', [text('Writing.')])],
  ),
  streamed(
    'A34-second',
    'length: the first call whole, the second cut',
    [
      role,
      calls(call(0, 'call_1', 'Read', a)),
      calls(call(1, 'call_2', 'Write', '{"file_path": "/a"')),
      end('length'),
      done,
    ],
    [message('max_tokens', [readA])],
  ),
  streamed(
    'A34-name-only',
    'length right behind the name',
    [role, calls(call(0, 'call_1', 'Write', '')), end('length'), done],
    [message('max_tokens', [])],
  ),
  streamed(
    'A34-flush',
    'length with a bogus flush: never closed',
    [role, calls(call(0, 'call_1', 'Write', '{"file_path": "/a"')), calls(more(0, '{}')), end('length'), done],
    [message('max_tokens', [])],
  ),
  streamed(
    'A34-filter',
    'content filter in the arguments',
    [role, calls(call(0, 'call_1', 'Write', '{"file_path": "/a')), end('content_filter'), done],
    [message('refusal', [])],
  ),
  streamed(
    'A35-stop',
    'cut arguments, finish stop',
    [role, calls(call(0, 'call_1', 'Write', '{"file_path": "/a')), end('stop'), done],
    [breaks([])],
  ),
  streamed(
    'A35-null',
    'cut arguments, no finish, [DONE]',
    [role, calls(call(0, 'call_1', 'Write', '{"file_path": "/a')), done],
    [breaks([])],
  ),
  native(
    'A36',
    'ids that clients refuse',
    [[call(0, 'functions.Read:0', 'Read', a)], [call(1, 'a b/ü', 'Bash', ls)]],
    [readA, bash],
  ),
  native(
    'A37',
    'the same id twice',
    [[call(0, 'call_same_id_twice', 'Read', a)], [call(1, 'call_same_id_twice', 'Bash', ls)]],
    [readA, bash],
  ),
  native('A36-odd', 'ids that are no text', [[call(0, 7, 'Read', a)], [call(1, {}, 'Bash', ls)]], [readA, bash]),
  streamed(
    'A40',
    'blank text around the call',
    [role, say('\n'), calls(call(0, 'c', 'Read', a)), say('\n\n'), ...toolEnd],
    [message('tool_use', [readA], { strict_whitespace: true })],
  ),
  streamed(
    'A41',
    'the finish chunk carries the last arguments',
    [
      role,
      calls(call(0, 'call_1', 'Read', '{"file_path"')),
      delta({ tool_calls: [more(0, ':"/a"}')] }, 'tool_calls'),
      done,
    ],
    [message('tool_use', [readA])],
  ),
  streamed(
    'A42',
    'content behind the finish reason',
    [role, say('Hello'), end('stop'), say(' there'), done],
    [message('end_turn', [text('Hello there')]), message('end_turn', [text('Hello')])],
  ),
  streamed(
    'A42-call',
    'a call behind the finish reason',
    [role, end('stop'), calls(call(0, 'call_1', 'Read', a)), end('stop'), done],
    [message('tool_use', [readA])],
  ),
  streamed(
    'A44',
    'null and empty tool_calls',
    [
      role,
      delta({ content: 'Hel', tool_calls: null }),
      delta({ content: 'lo', tool_calls: [] }),
      delta({ content: null, tool_calls: [null] }, 'stop'),
      done,
    ],
    [message('end_turn', [text('Hello')])],
  ),
  streamed(
    'A44-hollow',
    'a tool call of empty fields beside text',
    [role, delta({ content: 'Hello', tool_calls: [call(0, '', '', '')] }), calls({ index: 0 }), end('stop'), done],
    [message('end_turn', [text('Hello')])],
  ),
  streamed(
    'A45',
    'tool_calls is one object',
    [role, delta({ tool_calls: call(0, 'call_1', 'Read', a) }), ...toolEnd],
    [message('tool_use', [readA])],
  ),
  native(
    'A47',
    'continuation under another index',
    [[call(0, 'call_1', 'Read', '{"file_')], [more(1, 'path"')], [more(1, ':"/a"}')]],
    [readA],
  ),
  streamed(
    'A48',
    'the old function_call',
    [
      role,
      delta({ function_call: { name: 'Read', arguments: '{"file_' } }),
      delta({ function_call: { arguments: 'path":"/a"}' } }),
      end('function_call'),
      done,
    ],
    [message('tool_use', [readA])],
  ),
  streamed(
    'A48-both',
    'function_call beside tool_calls',
    [
      role,
      delta({ tool_calls: [call(0, 'call_1', 'Read', a)], function_call: { name: 'Read', arguments: a } }),
      ...toolEnd,
    ],
    [message('tool_use', [readA])],
  ),
  native(
    'A50',
    'raw line breaks in the arguments',
    [[call(0, 'c', 'Write', '{"file_path":"/a","content":"one\ntwo"}')]],
    [use('Write', { file_path: '/a', content: 'one\ntwo' })],
  ),
  native(
    'A51',
    'a number for a text, text for a number',
    [[call(0, 'c', 'Read', '{"file_path":5,"limit":"10"}')]],
    [use('Read', { file_path: '5', limit: 10 })],
  ),
  whole(
    'B02-length',
    'length, call cut',
    { body: completion({ content: 'Hm.', tool_calls: [call(undefined, 'c', 'Write', '{"file_path":"/a')] }, 'length') },
    [message('max_tokens', [text('Hm.')])],
  ),
  whole(
    'B03-two',
    'two calls with the same index and id',
    {
      body: completion({ content: null, tool_calls: [call(0, 'c', 'Read', a), call(0, 'c', 'Read', b)] }, 'tool_calls'),
    },
    [message('tool_use', [readA, readB])],
  ),
  whole('B13', 'tool_calls empty beside text', { body: completion({ content: 'Hello', tool_calls: [] }, 'stop') }, [
    message('end_turn', [text('Hello')]),
  ]),
  whole(
    'B13-null',
    'tool_calls null, finish tool_calls',
    { body: completion({ content: 'Hello', tool_calls: null }, 'tool_calls') },
    [message('end_turn', [text('Hello')]), breaks()],
  ),
  whole('B04-finish-null', 'finish reason null', { body: completion({ content: 'Hello' }, null) }, [
    message('end_turn', [text('Hello')]),
  ]),
  whole(
    'B04-call-finish-null',
    'call, finish reason missing',
    { body: completion({ content: '', tool_calls: [call(0, 'c', 'Read', a)] }, undefined) },
    [message('tool_use', [readA])],
  ),
];
