import { z } from 'zod';
import type { ScriptedAnswer } from '../fakes/chat-answer.ts';
import type { RecordedBody } from '../fakes/chat-upstream.ts';

const formatSchema = z.looseObject({
  type: z.string(),
  json_schema: z.looseObject({ schema: z.unknown() }).optional(),
});
const nodeSchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Answers what a client asks besides its task (a title for the session, a summary): a few words, or JSON where the
 * request asks for it.
 */
export function answerSideQuery(body: RecordedBody): ScriptedAnswer {
  const format = formatSchema.safeParse(body.response_format).data;
  if (format === undefined || format.type === 'text') return { text: 'Change the greeting' };
  return { text: JSON.stringify(sampleOf(format.json_schema?.schema ?? { type: 'object' })) };
}

/** The smallest value of a JSON schema that serves here: every property present, first choice of every enum. */
function sampleOf(schema: unknown): unknown {
  const node = nodeSchema.safeParse(schema).data ?? {};
  if (node.enum !== undefined) return node.enum[0];
  switch (node.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(node.properties ?? {}).map(([name, property]) => [name, sampleOf(property)]),
      );
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'number':
    case 'integer':
      return 0;
    case 'null':
      return null;
    default:
      return 'Change the greeting';
  }
}
