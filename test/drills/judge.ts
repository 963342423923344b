import type { Ask, Seen } from './client.ts';
import { breaksAnywhere, faults } from './faults.ts';

const toolStops = { messages: 'tool_use', chat: 'tool_calls' };
const textStops = { messages: 'end_turn', chat: 'stop' };

/**
 * What is wrong with an exchange: its answer has to be the script, word for word and call for call, from one attempt
 * each; or it is an error that the last attempt's fault explains.
 * @returns one sentence a fault, none for a sound exchange
 */
export function judge(ask: Ask, seen: Seen): string[] {
  if (seen.kind === 'left') return [];
  const wrong = [...seen.violations, ...(seen.kind === 'message' ? judgeMessage(ask, seen) : judgeError(ask, seen))];
  const { marker, served } = ask.scene;
  const path = served.map(({ model, fault, continued }) => `${continued ? '+' : ''}${model}: ${fault ?? 'well'}`);
  return wrong.map(
    (what) => `${marker} (${ask.door}${ask.streamed ? ', streamed' : ''}; ${path.join(' > ')}): ${what}`,
  );
}

function judgeMessage({ scene, door }: Ask, seen: Seen): string[] {
  const wrong: string[] = [];
  const { script, served, marker } = scene;
  const last = served.at(-1);
  if (seen.text !== script.text) wrong.push(`the text is "${seen.text}" and not "${script.text}"`);
  const wanted = script.calls;
  for (const [index, { name, input }] of seen.calls.entries()) {
    const expected = { file_path: `/${marker}/${index}`, attempt: last?.attempt };
    if (name !== 'Read' || JSON.stringify(input) !== JSON.stringify(expected))
      wrong.push(`call ${index} is ${name} ${JSON.stringify(input)} and not ${JSON.stringify(expected)}`);
  }
  // A stream that broke behind whole calls ends with them: they are the answer.
  const isCut = last?.fault !== null && seen.calls.length > 0 && seen.calls.length < wanted;
  if (seen.calls.length !== wanted && !isCut) wrong.push(`${seen.calls.length} calls and not ${wanted}`);
  if (last?.fault !== null && wanted === 0) wrong.push(`answered by an attempt that failed: ${last?.fault}`);
  const stop = (seen.calls.length > 0 ? toolStops : textStops)[door];
  if (seen.stopReason !== stop) wrong.push(`the stop reason is ${seen.stopReason}`);
  return wrong;
}

function judgeError({ scene, door, streamed }: Ask, seen: Seen): string[] {
  const fault = scene.served.at(-1)?.fault;
  // A whole answer has a time of its own, which may end in any attempt behind one that hung.
  if (seen.status === 504 && !streamed && seen.message.includes('for the whole answer')) return [];
  if (fault === null) return [`an error though the last attempt was sound: ${seen.status} ${seen.message}`];
  const known = [...faults, ...breaksAnywhere].find(({ name }) => name === fault);
  // Faults of the local model, and exchanges that reached nobody, are judged by their drill.
  if (!known) return [];
  if (seen.begun) {
    if (seen.status !== 200) return [`an error event behind status ${seen.status}`];
    return door === 'chat' || /^(?:overloaded|api|rate_limit)_error$/.test(seen.errorType)
      ? []
      : [`the error event is a ${seen.errorType}`];
  }
  const { status, type } = known.alone;
  if (seen.status !== status) return [`status ${seen.status} and not ${status}: ${seen.message}`];
  return door === 'messages' && seen.errorType !== type ? [`${seen.errorType} and not ${type}`] : [];
}
