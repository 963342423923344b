import type { DeclaredTool } from './repair.ts';

export interface SettledName {
  name: string;
  /** Arguments that stood inside the name (failures.md N-13), by key; values as the model wrote them. */
  embedded: Record<string, string> | null;
  mended: boolean;
}

/**
 * Finds the tool that a native call means. A declared name is never touched; others are only ever mended to a declared
 * name, and an unknown name that can't be mended stays, so that the client can tell the model.
 * @param fragments non-empty `name` values in order; servers repeat the whole name or (rarely) send it in pieces
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
  for (const candidate of new Set([first, joined])) {
    const name = matchDeclared(candidate, tools);
    if (name === undefined) continue;
    const embedded = readEmbedded(candidate);
    return { name, embedded, mended: name !== first };
  }
  return { name: first.trim(), embedded: null, mended: false };
}

/** Tokens that a dialect puts behind a name: GLM's tags, harmony's tokens, white space. */
const tail = /(?:<|\s|\().*$/s;

function matchDeclared(candidate: string, tools: ReadonlyMap<string, DeclaredTool>): string | undefined {
  const bare = candidate.replace(tail, '').trim();
  for (const name of [candidate.trim(), bare, bare.replace(/^(?:functions?|tools?|default_api)[.:]/, '')])
    if (tools.has(name)) return name;
  const lower = bare.toLowerCase();
  const alike = [...tools.keys()].filter((name) => name.toLowerCase() === lower);
  return alike.length === 1 ? alike[0] : undefined;
}

function readEmbedded(name: string): Record<string, string> | null {
  const pairs = [...name.matchAll(/<arg_key>([\s\S]*?)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>/g)];
  if (pairs.length === 0) return null;
  return Object.fromEntries(pairs.map(([, key = '', value = '']) => [key.trim(), value]));
}
