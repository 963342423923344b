import { isTransient, type StrelkaError, wireFormOf } from '../errors.ts';
import type { MessageEvent } from './events.ts';

/** @returns the body of a failed answer (protocol.md 2, "ErrorType") */
export function errorEnvelope(error: StrelkaError, requestId: string): Record<string, unknown> {
  return {
    type: 'error',
    error: { type: wireFormOf(error.kind).type, message: error.message },
    request_id: requestId,
  };
}

/**
 * @returns the event that ends a stream which broke after its start. What broke then is never the client's doing: a type
 *   that would make it give up the turn as faulty is told as an api_error, and a passing fault as overloaded, which
 *   clients re-issue (protocol.md 1.8, "Mid-stream failure").
 */
export function errorEvent(error: StrelkaError, requestId: string): MessageEvent {
  const { type } = wireFormOf(error.kind);
  const passing = isTransient(error) || type === 'overloaded_error';
  const told = type === 'rate_limit_error' ? type : passing ? 'overloaded_error' : 'api_error';
  return { type: 'error', error: { type: told, message: error.message }, request_id: requestId };
}
