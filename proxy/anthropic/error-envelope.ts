import { type StrelkaError, wireFormOf } from '../errors.ts';
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
 * @returns the event that ends a stream which broke after its start. What broke then is never the client's doing: types
 *   that would make it give up the turn as faulty are told as an api_error (failures.md E-9).
 */
export function errorEvent(error: StrelkaError, requestId: string): MessageEvent {
  const { type } = wireFormOf(error.kind);
  const honest = type === 'overloaded_error' || type === 'rate_limit_error' ? type : 'api_error';
  return { type: 'error', error: { type: honest, message: error.message }, request_id: requestId };
}
