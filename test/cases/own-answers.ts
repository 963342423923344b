import type { FailureCase } from './case.ts';
import {
  breaks,
  call,
  calls,
  completion,
  delta,
  done,
  end,
  frame,
  message,
  more,
  role,
  say,
  streamed,
  text,
  thinking,
  usage,
  use,
  whole,
} from './wire.ts';

const hello = [text('Hello')];
const endTurn = message('end_turn', hello);
const good = [role, say('Hello'), end('stop'), usage(11, 7), done];
const thinkingOn = { request: { thinking: { type: 'enabled', budget_tokens: 2048 } } };
const think = (words: string, field = 'reasoning_content'): string => delta({ [field]: words });
const a = '{"file_path":"/a"}';
const readA = use('Read', { file_path: '/a' });

/** Reasoning in every form of failures.md 3 that the server tells apart itself. */
export const reasoningCases: readonly FailureCase[] = [
  streamed(
    'R01',
    'reasoning',
    [role, think('Hm.', 'reasoning'), say('Hello'), end('stop'), done],
    [message('end_turn', [thinking('Hm.'), ...hello])],
    thinkingOn,
  ),
  streamed(
    'R03-empty',
    'reasoning_content empty, reasoning filled',
    [role, delta({ reasoning_content: '', reasoning: 'Hm.', content: '' }), say('Hello'), end('stop'), done],
    [message('end_turn', [thinking('Hm.'), ...hello])],
    thinkingOn,
  ),
  streamed(
    'R06',
    'reasoning, text, reasoning, call',
    [role, think('One.'), say('Hello'), think('Two.'), calls(call(0, 'c', 'Read', a)), end('tool_calls'), done],
    [message('tool_use', [thinking('One.'), ...hello, thinking('Two.'), readA])],
    thinkingOn,
  ),
  streamed(
    'R07',
    'blank text between reasoning and call',
    [role, think('Hm.'), say('\n\n'), calls(call(0, 'c', 'Read', a)), end('tool_calls'), done],
    [message('tool_use', [thinking('Hm.'), readA], { strict_whitespace: true })],
    thinkingOn,
  ),
  streamed(
    'R13',
    'reasoning and text in one delta',
    [role, delta({ reasoning_content: 'Hm.', content: 'Hel' }), say('lo'), end('stop'), done],
    [message('end_turn', [thinking('Hm.'), ...hello])],
    thinkingOn,
  ),
  streamed(
    'R13-call',
    'reasoning and a call in one delta',
    [role, delta({ reasoning_content: 'Hm.', tool_calls: [call(0, 'c', 'Read', a)] }), end('tool_calls'), done],
    [message('tool_use', [thinking('Hm.'), readA])],
    thinkingOn,
  ),
  streamed(
    'R14',
    'length inside the reasoning',
    [role, think('Hm, let'), end('length'), done],
    [message('max_tokens', [thinking('Hm, let')])],
    thinkingOn,
  ),
  streamed(
    'R14-hidden',
    'length inside reasoning that was not asked for',
    [role, think('Hm, let'), end('length'), done],
    [message('max_tokens', [])],
  ),
  streamed(
    'R17',
    'reasoning that is no text',
    [role, delta({ reasoning: { effort: 'high' }, reasoning_details: [], content: 'Hello' }), end('stop'), done],
    [endTurn],
    thinkingOn,
  ),
  streamed(
    'R18',
    'thinking as a content part',
    [
      role,
      say([{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }]),
      say([{ type: 'text', text: 'Hello' }]),
      end('stop'),
      done,
    ],
    [message('end_turn', [thinking('Hm.'), ...hello])],
    thinkingOn,
  ),
  whole(
    'B06',
    'reasoning_content unstreamed',
    { body: completion({ content: 'Hello', reasoning_content: 'Hm.' }, 'stop') },
    [message('end_turn', [thinking('Hm.'), ...hello])],
    false,
    thinkingOn,
  ),
  whole(
    'B07',
    'reasoning unstreamed',
    { body: completion({ content: 'Hello', reasoning: 'Hm.' }, 'stop') },
    [message('end_turn', [thinking('Hm.'), ...hello])],
    false,
    thinkingOn,
  ),
  whole(
    'B07-both',
    'both names, unstreamed',
    { body: completion({ content: 'Hello', reasoning: 'Hm.', reasoning_content: 'Hm.' }, 'stop') },
    [message('end_turn', [thinking('Hm.'), ...hello])],
    false,
    thinkingOn,
  ),
  whole(
    'B08',
    'reasoning only, unstreamed',
    { body: completion({ content: null, reasoning_content: 'Forty-two.' }, 'stop') },
    [
      message('end_turn', [{ type: 'text', text: 'Forty-two.', match: 'trim' }], { must_not_contain: ['null'] }),
      breaks(),
    ],
  ),
  whole(
    'B08-shown',
    'reasoning only, unstreamed, thinking asked for',
    { body: completion({ content: null, reasoning_content: 'Forty-two.' }, 'stop') },
    [
      message('end_turn', [thinking('Forty-two.'), { type: 'text', text: '', match: 'any_nonempty' }], {
        must_not_contain: ['null'],
      }),
      breaks(),
    ],
    false,
    thinkingOn,
  ),
];

const crlf = (frames: string[]): string[] => frames.map((piece) => piece.replaceAll('\n', '\r\n'));
const pieces = (body: string, size: number): string[] => body.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];

/** Framing and chunk shapes of failures.md 4. */
export const framingCases: readonly FailureCase[] = [
  streamed('S01', 'CRLF', crlf(good), [endTurn]),
  streamed('S02', 'CRLF, cut between CR and LF', pieces(crlf(good).join(''), 1), [endTurn]),
  streamed('S03', 'frames cut anywhere', pieces([role, say('Привет, 🎉'), end('stop'), done].join(''), 5), [
    message('end_turn', [text('Привет, 🎉')]),
  ]),
  streamed(
    'S04',
    'two frames and a half in a write',
    [role + say('Hel'), say('lo').slice(0, 30), say('lo').slice(30) + end('stop') + done],
    [endTurn],
  ),
  streamed(
    'S07',
    'no space, other fields',
    ['id: 1\nevent: message\nretry: 10\n', ...good.map((piece) => piece.replace('data: ', 'data:'))],
    [endTurn],
  ),
  streamed('S07-unknown', 'a field that nobody knows first', ['server: vllm\n\n', ...good], [endTurn]),
  streamed(
    'S09',
    'one value over several data lines',
    good.map((piece) => piece.replace('"choices":', '\ndata: "choices":')),
    [endTurn],
  ),
  streamed('S12', 'blank lines first', ['\n\n\r\n', ...good], [endTurn]),
  streamed(
    'S13',
    'usage with no choices first',
    [usage(11, 0), ...good],
    [{ ...endTurn, usage: { input_tokens: 11, output_tokens: 7 } }],
  ),
  streamed(
    'S14',
    'usage on every chunk',
    [1, 2, 7]
      .map((count) =>
        delta({ content: 'Hello'.slice(count - 1, count === 7 ? 0 : count) }).replace(
          '}\n',
          `,"usage":{"prompt_tokens":11,"completion_tokens":${count}}}\n`,
        ),
      )
      .concat(say('llo'), end('stop'), done),
    [{ ...message('end_turn', [text('Hello')]), usage: { output_tokens: 7 } }],
  ),
  streamed(
    'S14-null',
    'usage null at the end',
    [role, say('Hello'), end('stop'), usage(11, 7), frame({ choices: [], usage: null }), done],
    [{ ...endTurn, usage: { input_tokens: 11, output_tokens: 7 } }],
  ),
  streamed(
    'S15',
    'frames with empty, null and missing choices',
    [frame({ choices: [] }), frame({ choices: null }), frame({}), frame({ choices: [null] }), ...good],
    [endTurn],
  ),
  streamed(
    'S17',
    'a broken frame between good ones',
    [role, say('Hel'), 'data: {"id":"chatcmpl-1","choices":[{"index":0,"de\n\n', say('lo'), end('stop'), done],
    [endTurn, breaks()],
  ),
  streamed(
    'S17-call',
    'a broken frame inside a call: no file with a hole is written',
    [
      role,
      calls(call(0, 'c', 'Write', '{"file_path":"/a","content":"one ')),
      'data: {"choices":[{"delta":{"tool_cal\n\n',
      calls(more(0, 'three"}')),
      end('tool_calls'),
      done,
    ],
    [breaks([])],
  ),
  streamed(
    'S17-text-call',
    'a broken frame inside a call that is written as text',
    [
      role,
      say(
        '<tool_call>Write<arg_key>file_path</arg_key><arg_value>/a</arg_value><arg_key>content</arg_key><arg_value>one ',
      ),
      'data: {"choices":[{"delta":{"con\n\n',
      say('three</arg_value></tool_call>'),
      end('stop'),
      done,
    ],
    [breaks([])],
  ),
  streamed(
    'S17-usage',
    'only the usage frame is broken',
    [role, calls(call(0, 'c', 'Read', a)), end('tool_calls'), 'data: {"choices":[],"usa\n\n', done],
    [message('tool_use', [readA])],
  ),
  streamed(
    'S18',
    'frames behind [DONE]',
    [...good, say(' and more'), frame({ error: { message: 'boom' } })],
    [endTurn],
  ),
  streamed(
    'S18-N15',
    '[DONE] as content',
    [role, say('It ends with data: [DONE]'), say('\n\n[DONE]\n'), end('stop'), done],
    [message('end_turn', [text('It ends with data: [DONE]\n\n[DONE]\n')])],
  ),
  streamed(
    'S20',
    'a text of many alphabets, byte by byte',
    [role, say('日本語 ελ עִ 𝔘🧑‍💻'), end('stop'), done],
    [message('end_turn', [text('日本語 ελ עִ 𝔘🧑‍💻')])],
  ),
  streamed(
    'S22',
    'the whole message once more at the end',
    [
      role,
      say('Hello'),
      frame({ choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Hello' } }] }),
      done,
    ],
    [endTurn],
  ),
  streamed(
    'S23',
    'error null on every chunk',
    [role, say('Hello'), end('stop')]
      .map((piece) => piece.replace('}\n', ',"error":null,"detail":null}\n'))
      .concat(done),
    [endTurn],
  ),
  streamed(
    'S24',
    'content parts in a stream',
    [role, say([{ type: 'text', text: 'Hel' }]), say([{ type: 'text', text: 'lo' }]), end('stop'), done],
    [endTurn],
  ),
  streamed('S25', 'a reset right behind the finish reason', [role, say('Hello'), end('stop')], [endTurn], {
    disconnect: 'reset',
  }),
  whole('B09', 'no choice', { body: { id: 'x', choices: [], usage: { prompt_tokens: 1, completion_tokens: 0 } } }, [
    breaks(),
  ]),
  whole(
    'B11',
    'stream asked, one JSON object answered',
    { body: completion({ content: 'Hello' }, 'stop') },
    [{ ...endTurn, usage: { output_tokens: 7 } }],
    true,
  ),
  whole(
    'B11-call',
    'the same with a call',
    { body: completion({ content: null, tool_calls: [call(undefined, 'c', 'Read', a)] }, 'tool_calls') },
    [message('tool_use', [readA])],
    true,
  ),
  whole(
    'B11-type',
    'JSON under the name of a stream',
    { body: completion({ content: 'Hello' }, 'stop'), headers: { 'content-type': 'text/event-stream' } },
    [endTurn],
    true,
  ),
  whole(
    'B16',
    'a stream, though none was asked for',
    { body: good.join(''), headers: { 'content-type': 'text/event-stream' } },
    [{ ...endTurn, usage: { input_tokens: 11, output_tokens: 7 } }],
  ),
  streamed(
    'N16',
    'an answer that is about an error',
    [role, say('{"error":{"message":"boom",'), say('"code":500}}'), end('stop'), done],
    [message('end_turn', [text('{"error":{"message":"boom","code":500}}')])],
  ),
  whole(
    'N20',
    'an answer that is a web page',
    { body: completion({ content: '<!DOCTYPE html><html></html>' }, 'stop') },
    [message('end_turn', [text('<!DOCTYPE html><html></html>')])],
  ),
];

const stops = { request: { stop_sequences: ['###', 'END'] } };

/** The finish_reason map of failures.md 4. */
export const finishCases: readonly FailureCase[] = [
  ...(
    [
      ['F03', 'content_filter', 'refusal'],
      ['F04', 'sensitive', 'refusal'],
      ['F06', 'weird_reason', 'end_turn'],
      ['F06-eos', 'eos', 'end_turn'],
      ['F06-upper', 'STOP', 'end_turn'],
      ['F01-tokens', 'max_tokens', 'max_tokens'],
    ] as const
  ).flatMap(([id, reason, stop]) => [
    streamed(id, `finish reason ${reason}`, [role, say('Hello'), end(reason), done], [message(stop, hello)]),
    whole(`${id}-whole`, `finish reason ${reason}, unstreamed`, { body: completion({ content: 'Hello' }, reason) }, [
      message(stop, hello),
    ]),
  ]),
  streamed(
    'F03-empty',
    'content_filter before the first word',
    [role, end('content_filter'), done],
    [message('refusal', [])],
  ),
  streamed(
    'F03-refusal',
    'a refusal in its own field',
    [role, delta({ refusal: "I can't" }), delta({ refusal: ' do that.' }), end('stop'), done],
    [message('refusal', [text("I can't do that.")])],
  ),
  streamed('F05', 'network_error', [role, say('Hello'), end('network_error'), done], [breaks(hello)]),
  streamed('F05-early', 'network_error before the first word', [role, end('network_error'), done], [breaks([])]),
  streamed(
    'F05-abort',
    'an abort as an object',
    [role, say('Hello'), end({ type: 'abort', message: 'Aborted' }), done],
    [breaks(hello)],
  ),
  streamed(
    'F07',
    'vLLM names the stop sequence',
    [role, say('Hello'), delta({}, 'stop', { stop_reason: '###' }), done],
    [message('stop_sequence', hello, { stop_sequence: '###' })],
    stops,
  ),
  streamed(
    'F07-sglang',
    'SGLang names the stop sequence',
    [role, say('Hello'), delta({}, 'stop', { matched_stop: 'END' }), done],
    [message('stop_sequence', hello, { stop_sequence: 'END' })],
    stops,
  ),
  streamed(
    'F07-first',
    'the stop sequence is the first word',
    [role, delta({}, 'stop', { stop_reason: '###' }), done],
    [message('stop_sequence', [], { stop_sequence: '###' })],
    stops,
  ),
  streamed(
    'F07-number',
    'vLLM names an end token',
    [role, say('Hello'), delta({}, 'stop', { stop_reason: 151_336 }), done],
    [message('end_turn', hello, { stop_sequence: null })],
    stops,
  ),
  streamed(
    'F07-unasked',
    'a stop reason that nobody asked for',
    [role, say('Hello'), delta({}, 'stop', { stop_reason: '<|user|>' }), done],
    [message('end_turn', hello, { stop_sequence: null })],
    stops,
  ),
  whole(
    'F08',
    'stop sequence, unstreamed',
    { body: completion({ content: 'Hello' }, 'stop', { stop_reason: '###' }) },
    [message('stop_sequence', hello, { stop_sequence: '###' })],
    false,
    stops,
  ),
  streamed('F09', 'no finish reason, [DONE]', [role, say('Hello'), done], [endTurn, breaks(hello)]),
  streamed('F09-end', 'no finish reason, no [DONE]', [role, say('Hello')], [breaks(hello)]),
  streamed(
    'F10',
    'the finish reason twice',
    [role, calls(call(0, 'c', 'Read', a)), end('tool_calls'), end('stop'), done],
    [message('tool_use', [readA])],
  ),
];
