import { type StrelkaError, wireFormOf } from '../errors.ts';

/** @returns the body of a failed answer at the OpenAI door: `{error: {message, type, param, code}}` (protocol.md 3) */
export function chatErrorEnvelope(error: StrelkaError): { error: Record<string, unknown> } {
  const form = wireFormOf(error.kind);
  // Clients that compact by themselves look for this code.
  const code = error.kind === 'prompt-too-long' ? 'context_length_exceeded' : error.kind.replaceAll('-', '_');
  return { error: { message: error.message, type: form.openaiType, param: error.detail.param ?? null, code } };
}

/**
 * @returns the event that ends a stream which broke after its start. No [DONE] follows: that would make it a sound answer
 *   (failures.md E-9). What broke then is never the client's doing.
 */
export function chatErrorEvent(error: StrelkaError): string {
  const { error: told } = chatErrorEnvelope(error);
  const type = told.type === 'invalid_request_error' ? 'server_error' : told.type;
  return `data: ${JSON.stringify({ error: { ...told, type } })}\n\n`;
}
