import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { chatErrorEnvelope, chatErrorEvent } from '../../../proxy/openai/error-envelope.ts';

describe('chatErrorEnvelope', () => {
  it('names the field at fault', () => {
    assert.deepEqual(chatErrorEnvelope(new StrelkaError('invalid-request', 'Wrong.', { param: 'n' })), {
      error: { message: 'Wrong.', type: 'invalid_request_error', param: 'n', code: 'invalid_request' },
    });
  });

  it('has the code that clients compact by', () => {
    const { error } = chatErrorEnvelope(new StrelkaError('prompt-too-long', 'prompt is too long'));
    assert.equal(error.code, 'context_length_exceeded');
    assert.equal(error.param, null);
  });
});

describe('chatErrorEvent', () => {
  it('is one event, and never the fault of the client', () => {
    const event = chatErrorEvent(new StrelkaError('upstream-refused-request', 'Broke off.'));
    assert.match(event, /^data: .*\n\n$/);
    assert.deepEqual(JSON.parse(event.slice(6)), {
      error: { message: 'Broke off.', type: 'server_error', param: null, code: 'upstream_refused_request' },
    });
    assert.match(chatErrorEvent(new StrelkaError('rate-limited', 'Wait.')), /"type":"rate_limit_error"/);
  });
});
