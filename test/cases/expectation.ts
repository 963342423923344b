import { isDeepStrictEqual } from 'node:util';
import type { Expectation, ExpectedBlock } from './case.ts';
import type { Observation, ObservedBlock } from './observe.ts';

/** @returns true where the observation is what the expectation asks for */
export function meets(seen: Observation, expected: Expectation): boolean {
  const types = expected.error_type_any ?? [expected.error_type];
  if (expected.terminal === 'http_error')
    return (
      seen.kind === 'http_error' &&
      (expected.http_status_any ?? [expected.http_status]).includes(seen.status) &&
      types.includes(seen.error_type) &&
      (expected.error_message_contains ?? []).every((words) => seen.message.includes(words))
    );
  // Nothing was committed yet: a real status is as good as an error event.
  if (expected.terminal === 'error_event' && seen.kind === 'http_error')
    return seen.status >= 500 && types.includes(seen.error_type);
  if (expected.terminal === 'error_event') {
    if (seen.kind !== 'stream_error' || !types.includes(seen.error_type)) return false;
  } else if (seen.kind !== 'ok' || seen.stop_reason !== expected.stop_reason) return false;
  return meetsContent(seen, expected);
}

function meetsContent(seen: Observation, expected: Expectation): boolean {
  const blocks = normalise(seen.blocks, expected.strict_whitespace === true);
  const visible = blocks.map((block) => block.text ?? '').join('');
  if ((expected.must_not_contain ?? []).some((words) => visible.includes(words))) return false;
  if (!(expected.must_contain ?? []).every((words) => visible.includes(words))) return false;
  if (expected.forbid_tool_use && blocks.some((block) => block.type === 'tool_use')) return false;
  if (Object.entries(expected.usage ?? {}).some(([name, count]) => seen.usage[name] !== count)) return false;
  if ('stop_sequence' in expected && seen.stop_sequence !== expected.stop_sequence) return false;
  if (!expected.blocks || expected.blocks_unchecked) return true;
  return (
    expected.blocks.length === blocks.length &&
    expected.blocks.every((block, position) => meetsBlock(blocks[position], block))
  );
}

function meetsBlock(seen: ObservedBlock | undefined, expected: ExpectedBlock): boolean {
  if (!seen || seen.type !== expected.type) return false;
  if (expected.type === 'text') return meetsText(seen.text ?? '', expected.text ?? '', expected.match);
  if (expected.type === 'thinking') return meetsText(seen.thinking ?? '', expected.thinking ?? '', expected.match);
  if (seen.name !== expected.name) return false;
  if (expected.partial) return seen.partial === true;
  if (seen.partial) return false;
  return expected.input_any === true || isDeepStrictEqual(seen.input, expected.input);
}

function meetsText(seen: string, expected: string, match: ExpectedBlock['match'] = 'exact'): boolean {
  switch (match) {
    case 'trim':
      return seen.trim() === expected.trim();
    case 'contains':
      return seen.includes(expected);
    case 'starts_with':
      return seen.trimStart().startsWith(expected);
    case 'any_nonempty':
      return seen.trim() !== '';
    default:
      return seen === expected;
  }
}

/** Adjacent text (thinking) blocks are one; blank text blocks do not count unless whitespace is strict. */
function normalise(blocks: ObservedBlock[], strict: boolean): ObservedBlock[] {
  const kept: ObservedBlock[] = [];
  for (const block of blocks) {
    if (block.type === 'text' && !strict && (block.text ?? '').trim() === '') continue;
    const last = kept.at(-1);
    if (last && last.type === block.type && block.type === 'text') last.text = (last.text ?? '') + (block.text ?? '');
    else if (last && last.type === block.type && block.type === 'thinking')
      last.thinking = (last.thinking ?? '') + (block.thinking ?? '');
    else kept.push({ ...block });
  }
  return kept;
}
