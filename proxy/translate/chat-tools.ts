import type { RequestTool } from '../anthropic/request.ts';
import { StrelkaError } from '../errors.ts';
import type { ChatCompletionsRequest, RequestFunction } from '../openai/request.ts';
import type { Conversation } from './conversation.ts';

/** True for a client of the older form, which declares `functions` and reads a `function_call`. */
export function usesFunctions({ functions, tools }: ChatCompletionsRequest): boolean {
  return (functions?.length ?? 0) > 0 && (tools?.length ?? 0) === 0;
}

/**
 * Tools and their choice, `functions` and `function_call` included. A choice of allowed tools leaves the others out,
 * which upstreams without that choice understand as well.
 * @throws StrelkaError 'unsupported-tool' for a tool that is no function, 'invalid-request' for a choice that the
 *   declared tools don't allow
 */
export function toolsOf(request: ChatCompletionsRequest): Pick<Conversation, 'tools' | 'tool_choice'> {
  const tools = declaredTools(request);
  const wanted = request.tool_choice ?? legacyChoice(request.function_call);
  const once = request.parallel_tool_calls === false || usesFunctions(request);
  const choice = choiceOf(wanted, tools);
  const allowed = allowedNames(wanted, tools);
  return {
    tools: allowed ? tools.filter(({ name }) => name !== undefined && allowed.has(name)) : tools,
    tool_choice: once ? { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true } : choice,
  };
}

type Choice = ChatCompletionsRequest['tool_choice'];

function declaredTools({ tools, functions }: ChatCompletionsRequest): RequestTool[] {
  const declared = (tools ?? []).map((tool, index) => {
    if ((tool.type ?? 'function') === 'function' && tool.function) return toolOf(tool.function);
    throw new StrelkaError(
      'unsupported-tool',
      `Strelka passes on functions only, and tools[${index}] is of the type "${tool.type}". Leave it out, or declare a function.`,
      { param: `tools[${index}].type` },
    );
  });
  return [...declared, ...(functions ?? []).map(toolOf)];
}

function toolOf({ name, description, parameters, strict }: RequestFunction): RequestTool {
  return { name, description, input_schema: parameters, strict };
}

function legacyChoice(choice: ChatCompletionsRequest['function_call']): Choice {
  return typeof choice === 'object' && choice !== null ? { type: 'function', function: choice } : choice;
}

function choiceOf(choice: Choice, tools: readonly RequestTool[]): Conversation['tool_choice'] {
  const mode = typeof choice === 'string' ? choice : (choice?.allowed_tools?.mode ?? choice?.type);
  switch (mode) {
    case undefined:
      return undefined;
    case 'auto':
    case 'allowed_tools':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'required':
    case 'any':
      if (tools.length === 0) throw invalidChoice("'tool_choice' is only allowed when 'tools' are specified.");
      return { type: 'any' };
    case 'function': {
      const name = typeof choice === 'object' ? choice?.function?.name : undefined;
      if (name === undefined) throw invalidChoice('the function to call is not named.');
      return { type: 'tool', name: declaredName(name, tools) };
    }
    default:
      throw invalidChoice(`"${mode}" is not known. Use "auto", "none", "required" or a function.`);
  }
}

function allowedNames(choice: Choice, tools: readonly RequestTool[]): Set<string> | undefined {
  const allowed = typeof choice === 'object' ? choice?.allowed_tools?.tools : undefined;
  if (!allowed) return undefined;
  return new Set(allowed.flatMap((tool) => (tool.function ? [declaredName(tool.function.name, tools)] : [])));
}

function declaredName(name: string, tools: readonly RequestTool[]): string {
  if (tools.some((tool) => tool.name === name)) return name;
  throw invalidChoice(`the tool '${name}' is not among 'tools'.`);
}

function invalidChoice(reason: string): StrelkaError {
  return new StrelkaError('invalid-request', `Invalid value for 'tool_choice': ${reason}`, { param: 'tool_choice' });
}
