import { type StrelkaError, wireFormOf } from '../errors.ts';

/** @returns the body of a failed answer at the OpenAI door: `{error: {message, type, param, code}}` (protocol.md 3) */
export function chatErrorEnvelope(error: StrelkaError): Record<string, unknown> {
  const form = wireFormOf(error.kind);
  // Clients that compact by themselves look for this code.
  const code = error.kind === 'prompt-too-long' ? 'context_length_exceeded' : error.kind.replaceAll('-', '_');
  return { error: { message: error.message, type: form.openaiType, param: null, code } };
}
