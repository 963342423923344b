/** What a client saw of one answer, and the rules of the protocol that it broke (../shared/cases/README.md). */
export interface Observation {
  kind: 'ok' | 'stream_error' | 'http_error';
  status: number;
  blocks: ObservedBlock[];
  stop_reason?: string | null;
  stop_sequence?: string | null;
  usage: Record<string, unknown>;
  error_type?: string;
  message: string;
  violations: string[];
}

export interface ObservedBlock {
  type: string;
  text?: string;
  thinking?: string;
  id?: string;
  name?: string;
  input?: unknown;
  json?: string;
  partial?: boolean;
}

/** @returns what a client sees of a finished HTTP answer */
export function observe(status: number, contentType: string, text: string, streamed: boolean): Observation {
  const seen: Observation = { kind: 'ok', status, blocks: [], usage: {}, message: '', violations: [] };
  if (status !== 200) observeError(seen, text);
  else if (streamed) {
    if (!/text\/event-stream/.test(contentType)) seen.violations.push(`content-type ${contentType}`);
    observeStream(seen, text);
  } else observeMessage(seen, text);
  checkCalls(seen);
  return seen;
}

function observeError(seen: Observation, text: string): void {
  seen.kind = 'http_error';
  let body: { type?: string; error?: { type?: string; message?: unknown } } = {};
  try {
    body = JSON.parse(text);
  } catch {
    seen.violations.push('error body is not JSON');
  }
  if (body.type !== 'error' || !body.error?.type || typeof body.error.message !== 'string')
    seen.violations.push('error body shape');
  seen.error_type = body.error?.type;
  seen.message = String(body.error?.message ?? '');
}

function observeMessage(seen: Observation, text: string): void {
  const message = JSON.parse(text);
  if (message.type !== 'message' || message.role !== 'assistant' || !Array.isArray(message.content))
    seen.violations.push('message shape');
  if (!isCount(message.usage?.input_tokens) || !isCount(message.usage?.output_tokens))
    seen.violations.push('message usage');
  seen.blocks = message.content ?? [];
  seen.stop_reason = message.stop_reason;
  seen.stop_sequence = message.stop_sequence ?? null;
  seen.usage = message.usage ?? {};
  for (const block of seen.blocks) if (block.type === 'tool_use' && !isPlainObject(block.input)) block.partial = true;
}

function observeStream(seen: Observation, text: string): void {
  const state = { open: -1, starts: 0, stops: 0, deltas: 0 };
  for (const [event, data] of parseEvents(text)) {
    let record: Record<string, unknown>;
    try {
      record = JSON.parse(data);
    } catch {
      seen.violations.push(`event data is no JSON: ${data.slice(0, 80)}`);
      continue;
    }
    if (event !== record.type) seen.violations.push(`event ${event} is not type ${record.type}`);
    if (seen.error_type) seen.violations.push(`event after error: ${record.type}`);
    if (state.stops) seen.violations.push(`event after message_stop: ${record.type}`);
    if (record.type !== 'ping') readRecord(seen, record, state);
  }
  if (seen.kind === 'ok' && (!state.stops || !state.starts))
    seen.violations.push('the stream ended without message_start, message_stop or error');
  for (const block of seen.blocks) if (block.type === 'tool_use') settleInput(block);
}

interface StreamState {
  open: number;
  starts: number;
  stops: number;
  deltas: number;
}

// biome-ignore lint/suspicious/noExplicitAny: a client reads whatever comes
function readRecord(seen: Observation, record: any, state: StreamState): void {
  const { violations } = seen;
  if (record.type === 'error') {
    seen.kind = 'stream_error';
    seen.error_type = record.error?.type;
    seen.message = record.error?.message ?? '';
    if (!record.error?.type || typeof record.error?.message !== 'string') violations.push('error event shape');
    return;
  }
  if (record.type !== 'message_start' && !state.starts) violations.push(`${record.type} before message_start`);
  switch (record.type) {
    case 'message_start': {
      if (state.starts++) violations.push('second message_start');
      const message = record.message ?? {};
      if (!message.id || message.role !== 'assistant' || message.type !== 'message' || message.content?.length !== 0)
        violations.push('message_start shape');
      if (!isCount(message.usage?.input_tokens)) violations.push('message_start.usage.input_tokens');
      Object.assign(seen.usage, message.usage);
      return;
    }
    case 'content_block_start': {
      if (state.open >= 0) violations.push('a block opened inside a block');
      if (record.index !== seen.blocks.length) violations.push(`block index ${record.index}`);
      state.open = record.index;
      const block = { ...record.content_block };
      if (block.type === 'tool_use') {
        if (!isPlainObject(block.input) || Object.keys(block.input).length > 0)
          violations.push('tool_use must start with input {}');
        block.json = '';
      }
      seen.blocks.push(block);
      return;
    }
    case 'content_block_delta':
      readDelta(seen, record, state);
      return;
    case 'content_block_stop':
      if (record.index !== state.open) violations.push('stop of a block that is not open');
      state.open = -1;
      return;
    case 'message_delta':
      state.deltas += 1;
      if (state.open >= 0) violations.push('message_delta inside a block');
      seen.stop_reason = record.delta?.stop_reason;
      seen.stop_sequence = record.delta?.stop_sequence ?? null;
      if (!isCount(record.usage?.output_tokens)) violations.push('message_delta.usage.output_tokens');
      Object.assign(seen.usage, record.usage);
      return;
    case 'message_stop':
      state.stops += 1;
      if (state.deltas !== 1) violations.push(`message_delta count ${state.deltas}`);
      return;
    default:
      violations.push(`unknown event ${record.type}`);
  }
}

const blockOfDelta: Readonly<Record<string, string>> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'thinking',
  input_json_delta: 'tool_use',
};

// biome-ignore lint/suspicious/noExplicitAny: a client reads whatever comes
function readDelta(seen: Observation, record: any, state: StreamState): void {
  const block = seen.blocks[record.index];
  if (record.index !== state.open || !block) {
    seen.violations.push('delta for a block that is not open');
    return;
  }
  const type: string = record.delta.type;
  if (blockOfDelta[type] !== block.type) seen.violations.push(`${type} in a ${block.type} block`);
  if (type === 'text_delta') block.text = (block.text ?? '') + record.delta.text;
  if (type === 'thinking_delta') block.thinking = (block.thinking ?? '') + record.delta.thinking;
  if (type === 'input_json_delta') block.json += record.delta.partial_json;
}

function settleInput(block: ObservedBlock): void {
  try {
    block.input = block.json === '' ? {} : JSON.parse(block.json ?? '');
    block.partial = !isPlainObject(block.input) || undefined;
  } catch {
    block.partial = true;
  }
}

function checkCalls(seen: Observation): void {
  const ids = new Set<string>();
  for (const block of seen.blocks) {
    if (block.type !== 'tool_use') continue;
    const id = block.id ?? '';
    if (!/^[a-zA-Z0-9_-]+$/.test(id)) seen.violations.push(`tool_use id ${id}`);
    if (ids.has(id)) seen.violations.push('duplicate tool_use id');
    ids.add(id);
    if (!block.name) seen.violations.push('empty tool name');
  }
}

/** A reader of Server-Sent Events of its own, so that the tests do not trust the gateway's library. */
function parseEvents(text: string): [string | null, string][] {
  const events: [string | null, string][] = [];
  let event: string | null = null;
  let data: string[] = [];
  for (const line of `${text}\n\n`.split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (data.length > 0) events.push([event, data.join('\n')]);
      event = null;
      data = [];
    } else if (!line.startsWith(':')) {
      const colon = line.indexOf(':');
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
      if (field === 'data') data.push(value);
      if (field === 'event') event = value;
    }
  }
  return events;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
