import { parseCountTokensRequest } from './anthropic/request.ts';
import { type Call, sendJson } from './call.ts';
import { StrelkaError } from './errors.ts';
import type { Services } from './services.ts';

/**
 * POST /v1/messages/count_tokens: counted here, with a real tokenizer, and corrected by what the model's own usage has
 * shown (protocol.md 1.1: without it Claude Code spends an inference call on each count).
 */
export async function handleCountTokens(call: Call, services: Services): Promise<void> {
  const request = parseCountTokensRequest(await call.readJson());
  call.exchange.askedModel = request.model;
  const target = services.routeOf(request.model).targets[0];
  if (!target) throw new StrelkaError('internal', 'No target is configured for this model. Add one to the mapping.');
  const counted = await services.tokens.count(request);
  sendJson(call, 200, { input_tokens: services.calibration.counts.correct(target.model, counted) });
}
