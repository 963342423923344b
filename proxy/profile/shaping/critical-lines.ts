/**
 * The instructions that small models need first, because what stands deep in a long prompt is lost (seeds 6.3): real
 * calls instead of simulated ones (insight 55), and no refusal of what a tool can do (insight 46).
 * @param hasTools the answer may call tools
 * @returns lines to stand before the system prompt
 */
export function criticalLines(hasTools: boolean, antiRefusal: boolean): string {
  const lines = hasTools
    ? [
        'CRITICAL: Do the work by real calls of the declared tools, with their exact names and parameters. Never write a call or its result as text, and never make a result up: make the call and wait for its result.',
      ]
    : ['CRITICAL: Follow the instructions below exactly.'];
  lines.push("Answer in the language of the user's last message, unless told otherwise.");
  if (antiRefusal)
    lines.push(
      hasTools
        ? 'Do not refuse, and do not say that you are not able to do something, where a declared tool can do it: call the tool. If it fails, tell its error.'
        : 'Do not refuse ordinary tasks: do what is asked.',
    );
  return lines.join('\n');
}
