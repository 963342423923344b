import { isDeepStrictEqual } from 'node:util';
import { type FailureCase, readCases } from '../../cases/case.ts';
import type { Observation, ObservedBlock } from '../../cases/observe.ts';
import { ownCases } from '../../cases/own-cases.ts';
import { makeRandom } from '../repair/pipe.ts';
import type { InProcess, Transmission } from './in-process.ts';
import { cut, mutate, pick } from './mutation.ts';

/** @returns every case, published and our own, that is an answer in frames */
export async function readStreams(): Promise<FailureCase[]> {
  const samples = [...(await readCases()), ...ownCases];
  return samples.filter(({ upstream }) => upstream.status === 200 && upstream.sse !== undefined);
}

export interface Failure {
  seed: number;
  sample: string;
  what: string;
}

/** One seeded check of one property. @returns what is wrong, undefined where nothing is */
export type Check = (seed: number, gateway: InProcess, samples: readonly FailureCase[]) => Promise<Failure | undefined>;

/** Any chunking of a case's bytes gives the same message (issue 3). */
export const checkChunking: Check = async (seed, gateway, samples) => {
  const random = makeRandom(seed);
  const sample = samples[seed % samples.length];
  if (!sample) return undefined;
  const bytes = Buffer.from((sample.upstream.sse ?? []).join(''));
  const isReset = sample.upstream.disconnect === 'reset';
  const whole = await gateway.ask(sample.request, { pieces: [bytes], isReset });
  const seen = await gateway.ask(sample.request, { pieces: cut(bytes, random), isReset });
  const what = isDeepStrictEqual(normalise(seen), normalise(whole))
    ? findFault(seen)
    : `cut differs from whole:\n${JSON.stringify(normalise(seen))}\n${JSON.stringify(normalise(whole))}`;
  return what === undefined ? undefined : { seed, sample: sample.id, what };
};

/** Any broken stream ends in a sound message, one error event, or an honest status (issue 3). */
export const checkMutation: Check = async (seed, gateway, samples) => {
  const random = makeRandom(seed);
  const sample = samples[pick(samples.length, random)];
  if (!sample) return undefined;
  const request = random() < 0.2 ? { ...sample.request, stream: false } : sample.request;
  const transmission = mutate(sample, random, samples);
  const what = findFault(await gateway.ask(request, transmission));
  return what === undefined ? undefined : { seed, sample: sample.id, what: `${what}\n${showWire(transmission)}` };
};

/** An answer that ends too early never holds a call that the whole answer does not: half a file is not written. */
export const checkTruncation: Check = async (seed, gateway, samples) => {
  const random = makeRandom(seed);
  const sample = samples[pick(samples.length, random)];
  if (!sample) return undefined;
  const bytes = Buffer.from((sample.upstream.sse ?? []).join(''));
  const whole = await gateway.ask(sample.request, { pieces: [bytes], isReset: false });
  if (whole.kind !== 'ok') return undefined;
  const pieces = cut(bytes.subarray(0, pick(bytes.length, random)), random);
  const seen = await gateway.ask(sample.request, { pieces, isReset: random() < 0.3 });
  const known = callsOf(whole);
  // A call of no arguments whose arguments were still to come can't be told from one that is whole.
  const invented = callsOf(seen).find(
    ({ input }) => !isDeepStrictEqual(input, {}) && !known.some((call) => isDeepStrictEqual(call.input, input)),
  );
  const what = findFault(seen) ?? (invented && `a call that was never made: ${JSON.stringify(invented)}`);
  return what === undefined
    ? undefined
    : { seed, sample: sample.id, what: `${what}\n${showWire({ pieces, isReset: false })}` };
};

function callsOf(seen: Observation): ObservedBlock[] {
  return seen.blocks.filter((block) => block.type === 'tool_use');
}

/** @returns the first thing that a client would stumble over */
export function findFault(seen: Observation): string | undefined {
  const [violation] = seen.violations;
  if (violation !== undefined) return violation;
  if (/Strelka failed inside|undefined|\[object|NaN/.test(seen.message)) return `message: ${seen.message}`;
  if (seen.kind === 'http_error' && (seen.status < 400 || seen.status > 599)) return `status ${seen.status}`;
  if (seen.kind !== 'http_error' && seen.status !== 200) return `status ${seen.status}`;
  if (seen.blocks.some((block) => block.partial)) return 'a call that can not be run';
  if (seen.kind !== 'ok') return undefined;
  const hasCalls = seen.blocks.some((block) => block.type === 'tool_use');
  const reason = String(seen.stop_reason);
  const honest = hasCalls
    ? ['tool_use', 'max_tokens', 'refusal']
    : ['end_turn', 'max_tokens', 'stop_sequence', 'refusal'];
  if (!honest.includes(reason)) return `stop_reason ${reason} with${hasCalls ? '' : 'out'} calls`;
  const isEmpty = !seen.blocks.some((block) => block.type !== 'text' || block.text?.trim());
  return isEmpty && reason === 'end_turn' ? 'an answer of nothing' : undefined;
}

/** What stays the same however the bytes were cut: blocks of one kind joined, without ids. */
function normalise(seen: Observation): unknown {
  const blocks: ObservedBlock[] = [];
  for (const { id: _id, ...block } of seen.blocks) {
    const last = blocks.at(-1);
    if (last?.type === block.type && block.type === 'text') last.text = `${last.text ?? ''}${block.text ?? ''}`;
    else if (last?.type === block.type && block.type === 'thinking')
      last.thinking = `${last.thinking}${block.thinking}`;
    else blocks.push(block);
  }
  const { output_tokens } = seen.usage;
  return { ...seen, blocks, usage: { output_tokens } };
}

function showWire({ pieces, isReset }: Transmission): string {
  return `${JSON.stringify(Buffer.concat(pieces).toString('utf8').slice(0, 4_000))}${isReset ? ' and a reset' : ''}`;
}
