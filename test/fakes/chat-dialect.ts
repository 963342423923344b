/** How a model writes its tool calls: in the API's own fields, or as text in one of the dialects of failures.md 2. */
export type Dialect = 'native' | 'glm-text' | 'qwen-text' | 'hermes-text';

export interface ScriptedCall {
  name: string;
  arguments: Record<string, unknown>;
  /** Native calls only; made up when absent. */
  id?: string;
}

/**
 * Writes a call as the text a model emits when the upstream's parser misses it (failures.md 2, "Text dialects").
 * String values stand raw, all others as JSON.
 */
export function writeCallAsText(call: ScriptedCall, dialect: Exclude<Dialect, 'native'>): string {
  switch (dialect) {
    case 'glm-text': {
      const pairs = Object.entries(call.arguments).map(
        ([key, value]) => `<arg_key>${key}</arg_key>\n<arg_value>${rawValue(value)}</arg_value>\n`,
      );
      return `<tool_call>${call.name}\n${pairs.join('')}</tool_call>`;
    }
    case 'qwen-text': {
      const pairs = Object.entries(call.arguments).map(
        ([key, value]) => `<parameter=${key}>\n${rawValue(value)}\n</parameter>\n`,
      );
      return `<tool_call>\n<function=${call.name}>\n${pairs.join('')}</function>\n</tool_call>`;
    }
    case 'hermes-text':
      return `<tool_call>\n${JSON.stringify({ name: call.name, arguments: call.arguments })}\n</tool_call>`;
  }
}

function rawValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
