import type { FailoverCause, FailoverEvent, OverallState, Subject } from '../contract/failover.ts';
import type { wireForms } from '../errors.ts';

/** An event as it happened; when, and in words, is added here. */
export type FailoverFact = FailoverEvent extends infer Event
  ? Event extends FailoverEvent
    ? Omit<Event, 'at' | 'sentence'>
    : never
  : never;

/**
 * @param at epoch milliseconds
 * @returns the event with its English sentence
 */
export function describeEvent(fact: FailoverFact, at: number): FailoverEvent {
  return { ...fact, at, sentence: sentenceOf(fact, at) };
}

function sentenceOf(fact: FailoverFact, at: number): string {
  switch (fact.kind) {
    case 'mode-changed':
      return `The mode is ${fact.to} now; it was ${fact.from}.`;
    case 'state-changed':
      return stateSentences[fact.to];
    case 'target-switched':
      return switchSentence(fact.from, fact.to, fact.cause);
    case 'breaker-changed':
      return breakerSentence(fact, at);
  }
}

const stateSentences: Record<OverallState, string> = {
  healthy: 'All is well.',
  degraded: 'Answers come from where they should; some fail.',
  'failed-over': 'A stand-in answers.',
  recovering: 'Requests are going back bit by bit.',
  down: 'No target is well. Requests are still tried, and fail fast where they fail.',
};

function switchSentence(from: Subject, to: Subject, cause: FailoverCause): string {
  const elsewhere = from.upstream !== to.upstream;
  // What is said of one model is not to be said of its server.
  const isOfModel = cause.by === 'failures' && ofModels.has(cause.kind);
  const away = isOfModel ? nameWhole(from) : from.name;
  const [old, fresh] = elsewhere ? [away, to.name] : [nameModel(from), nameModel(to)];
  switch (cause.by) {
    case 'failures':
      return `${old} ${complaint(cause)}; ${fresh} has taken over.`;
    case 'success':
    case 'time':
      return `${fresh} is well again and has taken over from ${old}.`;
    case 'hand':
      return `${fresh} has taken over from ${old}, as you chose.`;
    case 'setup':
      return `${fresh} has taken over from ${old}: settings, keys or the standby have changed.`;
  }
}

function breakerSentence(fact: Extract<FailoverFact, { kind: 'breaker-changed' }>, at: number): string {
  const who = nameWhole(fact.subject);
  const why = fact.cause.by === 'failures' ? complaint(fact.cause) : null;
  switch (fact.to) {
    case 'closed':
      if (fact.cause.by === 'hand') return `${who} is not held any more.`;
      return fact.cause.by === 'setup' ? `${who} gets a fresh start.` : `${who} is well again.`;
    case 'degraded':
      return `${who} ${why ?? 'does not answer reliably'}.`;
    case 'open': {
      const seconds = Math.max(0, Math.round(((fact.retryAt ?? at) - at) / 1000));
      return `${who} ${why ?? 'fails'}; it is left alone for ${seconds} s.`;
    }
    case 'half-open':
      return `${who} is being tried again.`;
    case 'recovering':
      return `${who} answers again; requests go back bit by bit.`;
    case 'key':
      return `${who} ${why ?? 'refuses the key'}.`;
    case 'held-open':
      return `${who} is held out of use by hand.`;
    case 'held-closed':
      return `${who} is held in use by hand, whatever happens.`;
  }
}

/** Words for kinds that have more to say than an HTTP status. */
const complaints: Partial<Record<string, string>> = {
  'upstream-key-missing': 'has no key: add one with `strelka key set`',
  'upstream-key-refused': 'refuses the key: replace it with `strelka key set`',
  'balance-empty': 'says that the balance is empty: top it up',
  'upstream-forbidden': 'may not be used with this key',
  'model-missing': 'is not there',
  overloaded: 'was overloaded',
  'upstream-unreachable': 'could not be reached',
  'upstream-timeout': 'did not answer in time',
  'stream-broken': 'broke off an answer',
  'answer-unreadable': 'sent an unreadable answer',
  'answer-empty': 'sent an empty answer',
  'tool-call-broken': 'sent a broken tool call',
} satisfies Partial<Record<keyof typeof wireForms, string>>;

const lasting: ReadonlySet<string> = new Set([
  'upstream-key-missing',
  'upstream-key-refused',
  'balance-empty',
  'upstream-forbidden',
  'model-missing',
]);

const ofModels: ReadonlySet<string> = new Set(['model-missing', 'upstream-forbidden']);

/** @returns what to say of whom, to follow a name: "answered 3 times with 503" */
function complaint(cause: Extract<FailoverCause, { by: 'failures' }>): string {
  const { kind, status, count, alike } = cause;
  const words = complaints[kind];
  if (words !== undefined && lasting.has(kind)) return words;
  const times = count === 1 ? '' : count === 2 ? ' twice' : ` ${count} times`;
  if (!alike) {
    const last = status === null ? (words ?? 'failed') : `answered with ${status}`;
    return `failed${times}, the last time it ${last}`;
  }
  return status === null ? `${words ?? 'failed'}${times}` : `answered${times} with ${status}`;
}

function nameModel({ name, model }: Subject): string {
  return model ?? name;
}

function nameWhole({ name, model }: Subject): string {
  return model === null ? name : `${model} on ${name}`;
}
