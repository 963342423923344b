import type { Exchange } from './exchange.ts';
import type { Log, LogFields } from './log.ts';

/** Paths that clients ask all the time, with nothing to tell. */
const quietBelowMs = 50;

/** Writes one line for an exchange that has ended: who asked for what, who answered, how long, what was mended. */
export function describeExchange(exchange: Exchange, log: Log): void {
  const fields = fieldsOf(exchange);
  if (exchange.outcome === 'failed') log.warn(exchange.error?.message ?? 'an exchange failed', fields);
  else if (exchange.askedModel === '' && ((fields.totalMs ?? 0) as number) < quietBelowMs)
    log.debug('answered', fields);
  else log.info(exchange.outcome === 'client-left' ? 'the client left' : 'answered', fields);
}

function fieldsOf(exchange: Exchange): LogFields {
  const repairs = exchange.notes.list().map(({ repair, count }) => (count > 1 ? `${repair}x${count}` : repair));
  return {
    exchange: exchange.id,
    client: exchange.facts.client,
    status: exchange.status,
    askedModel: exchange.askedModel || undefined,
    upstream: exchange.target?.upstream,
    model: exchange.target?.model,
    attempts: exchange.attempts.length > 1 ? exchange.attempts.length : undefined,
    queuedMs: Math.round(exchange.attempts.reduce((sum, { waitedMs }) => sum + (waitedMs ?? 0), 0)) || undefined,
    ttftMs: exchange.committedAt === null ? undefined : exchange.committedAt - exchange.startedAt,
    totalMs: (exchange.endedAt ?? Date.now()) - exchange.startedAt,
    inputTokens: exchange.usage?.inputTokens,
    outputTokens: exchange.usage?.outputTokens,
    finish: exchange.finish ?? undefined,
    shaped: shapedOf(exchange),
    repairs: repairs.length > 0 ? repairs.join(' ') : undefined,
    error: exchange.error?.kind,
  };
}

/** @returns what was shaped for the target that answered, in characters: `system 38211>3980 tools 18040>9120` */
function shapedOf(exchange: Exchange): string | undefined {
  const changes = exchange.attempts.at(-1)?.shaped?.changes;
  return changes?.map(({ what, beforeChars, afterChars }) => `${what} ${beforeChars}>${afterChars}`).join(' ');
}
