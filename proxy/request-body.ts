import type { IncomingMessage } from 'node:http';
import { clientLeft } from './call.ts';
import { StrelkaError } from './errors.ts';

/**
 * Reads a request's body as JSON.
 * @param limit in bytes; a larger body is refused as soon as that is known
 * @throws StrelkaError 'body-too-large', 'invalid-json', 'client-left'
 */
export async function readJsonBody(request: IncomingMessage, limit: number): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const text = await readText(request, limit);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StrelkaError('invalid-json', `The request body is not valid JSON: ${reason.slice(0, 200)}`, { cause });
  }
}

function readText(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const settle = (outcome: () => void): void => {
      request.off('data', onData).off('end', onEnd).off('error', onLoss).off('close', onLoss);
      outcome();
    };
    const onData = (piece: Buffer): void => {
      size += piece.length;
      if (size > limit) settle(() => reject(tooLarge(limit)));
      else pieces.push(piece);
    };
    const onEnd = (): void => settle(() => resolve(decode(pieces)));
    const onLoss = (): void => settle(() => reject(clientLeft()));
    request.on('data', onData).once('end', onEnd).once('error', onLoss).once('close', onLoss);
  });
}

function decode(pieces: Buffer[]): string {
  const whole = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  return whole.toString('utf8');
}

function tooLarge(limit: number): StrelkaError {
  return new StrelkaError(
    'body-too-large',
    `The request is larger than ${Math.round(limit / 1024 / 1024)} MB. Send less, or raise server.bodyLimitMb.`,
  );
}
