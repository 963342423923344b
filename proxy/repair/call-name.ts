import type { DeclaredTool } from './repair.ts';

export interface SettledName {
  name: string;
  /**
   * Arguments that stood inside the name (failures.md N-13), by key, values as the model wrote them; 'cut' where they
   * end in the middle.
   */
  embedded: Record<string, string> | 'cut' | null;
  mended: boolean;
}

/**
 * Finds the tool that a native call means. A declared name is never touched; others are only ever mended to a declared
 * name, and an unknown name that can't be mended stays, so that the client can tell the model.
 * @param fragments non-blank `name` values in order; servers repeat the whole name or (rarely) send it in pieces
 * @param tools the declared tools
 * @returns undefined where no name came at all (N-12)
 */
export function settleName(
  fragments: readonly string[],
  tools: ReadonlyMap<string, DeclaredTool>,
): SettledName | undefined {
  const first = fragments[0];
  if (first === undefined) return undefined;
  if (tools.has(first)) return { name: first, embedded: null, mended: false };
  const joined = fragments.join('');
  for (const candidate of new Set([joined, first])) {
    const name = matchDeclared(candidate, tools);
    if (name === undefined) continue;
    return { name, embedded: readEmbedded(candidate), mended: name !== candidate };
  }
  return { name: first.trim(), embedded: null, mended: false };
}

/** What a dialect puts behind a name: GLM's tags, harmony's tokens, a bracket, white space. */
const tail = /(?:<|\s|\(|\{).*$/s;
/** What servers put before it: the name space of harmony and Gemini; and behind it Kimi's counter. */
const prefix = /^(?:to=)?(?:(?:functions?|tools?|default_api)[.:])?/;
const counter = /:\d+$/;

function matchDeclared(candidate: string, tools: ReadonlyMap<string, DeclaredTool>): string | undefined {
  const bare = candidate
    .replace(/^\s*<tool_call>\s*/, '')
    .replace(tail, '')
    .trim();
  const short = bare.replace(prefix, '');
  for (const name of [candidate.trim(), bare, short, short.replace(counter, '')]) if (tools.has(name)) return name;
  const lower = short.toLowerCase();
  const alike = [...tools.keys()].filter((name) => name.toLowerCase() === lower);
  return alike.length === 1 ? alike[0] : undefined;
}

const pair = /\s*<arg_key>([\s\S]*?)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>\s*/y;

function readEmbedded(name: string): Record<string, string> | 'cut' | null {
  const start = name.indexOf('<arg_');
  if (start < 0) return null;
  const found: Record<string, string> = {};
  pair.lastIndex = start;
  let end = start;
  for (let match = pair.exec(name); match; match = pair.exec(name)) {
    found[match[1]?.trim() ?? ''] = match[2] ?? '';
    end = pair.lastIndex;
  }
  return /^(?:<\/tool_call>\s*)?$/.test(name.slice(end)) ? found : 'cut';
}
