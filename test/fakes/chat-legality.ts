import type { RecordedBody, RecordedMessage } from './chat-upstream.ts';

const roles = new Set(['system', 'user', 'assistant', 'tool']);

/**
 * What a strict OpenAI-like server would refuse in a request, or a chat template would stumble over: calls without
 * answers, answers without calls, ids used twice, empty messages, names and arguments that don't parse.
 * @returns one sentence a fault; empty when the request is sound
 */
export function findFaults(body: RecordedBody): string[] {
  return [...findToolFaults(body), ...body.messages.flatMap(findMessageFaults), ...findPairingFaults(body.messages)];
}

function findToolFaults(body: RecordedBody): string[] {
  const faults: string[] = [];
  const names = (body.tools ?? []).map((tool) => tool.function.name);
  for (const name of names) {
    if (!isToolName(name)) faults.push(`The tool name ${JSON.stringify(name)} is not acceptable.`);
  }
  if (new Set(names).size !== names.length) faults.push('Two tools have the same name.');
  for (const tool of body.tools ?? []) {
    const { parameters } = tool.function;
    if (!isRecord(parameters) || parameters.type !== 'object') {
      faults.push(`The parameters of the tool ${tool.function.name} are no object schema.`);
    }
  }
  if (names.length === 0 && body.tool_choice !== undefined) faults.push('tool_choice without tools.');
  return faults;
}

function findMessageFaults(message: RecordedMessage, at: number): string[] {
  const faults: string[] = [];
  const calls = message.tool_calls ?? [];
  if (!roles.has(message.role)) faults.push(`Message ${at} has the role ${JSON.stringify(message.role)}.`);
  if (message.role !== 'assistant' && message.tool_calls !== undefined) {
    faults.push(`Message ${at} (${message.role}) carries tool calls.`);
  }
  if (isEmpty(message) && calls.length === 0 && message.role !== 'tool') {
    faults.push(`Message ${at} (${message.role}) is empty.`);
  }
  for (const call of calls) {
    if (!isToolName(call.function.name)) faults.push(`Message ${at} calls ${JSON.stringify(call.function.name)}.`);
    if (!isJsonObject(call.function.arguments)) {
      faults.push(`Message ${at} has arguments that are no JSON object: ${call.function.arguments}`);
    }
  }
  return faults;
}

/** Every call is answered exactly once, right behind the message that made it, and nothing else is answered. */
function findPairingFaults(messages: RecordedMessage[]): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  let open = new Set<string>();
  messages.forEach((message, at) => {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id ?? '')) {
        faults.push(`Message ${at} answers ${JSON.stringify(message.tool_call_id)}, which is no open call.`);
      }
      return;
    }
    for (const id of open) faults.push(`The call ${JSON.stringify(id)} has no answer before message ${at}.`);
    open = new Set();
    for (const { id } of message.tool_calls ?? []) {
      if (seen.has(id)) faults.push(`Message ${at} uses the call id ${JSON.stringify(id)} again.`);
      seen.add(id);
      open.add(id);
    }
  });
  for (const id of open) faults.push(`The call ${JSON.stringify(id)} has no answer.`);
  return faults;
}

function isToolName(name: string): boolean {
  return /^[a-zA-Z0-9_-]{1,64}$/.test(name);
}

function isEmpty(message: RecordedMessage): boolean {
  const { content } = message;
  if (typeof content === 'string') return content === '';
  return (content ?? []).every((part) => part.type === 'text' && (part.text ?? '') === '');
}

function isJsonObject(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    return false; // The caller reports it with the text.
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
