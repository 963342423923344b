import { exampleValue, type Suggest } from './example-value.ts';
import type { DemoQuestion, DemoTool } from './question.ts';

export interface DemoToolCall {
  name: string;
  arguments: unknown;
}

type Intent = 'read' | 'list' | 'write' | 'run' | 'search';

/** What in the user's words asks for what, in English and Russian. */
const askedBy: Readonly<Record<Intent, RegExp>> = {
  read: /\b(?:read|show|open|view|cat)\b|прочита|прочти|покажи|открой/i,
  list: /\b(?:list|ls|dir|files|folder)\b|список|перечисли|какие файлы/i,
  write: /\b(?:write|create|save)\b|запиши|напиши в файл|создай|сохрани/i,
  run: /\b(?:run|execute|exec|command|shell)\b|запусти|выполни/i,
  search: /\b(?:search|grep|find)\b|найди|поищи/i,
};

/** Words of tools' names that serve an intent, the best first. What changes files a person may care for is not here. */
const servedBy: Readonly<Record<Intent, readonly string[]>> = {
  read: ['read', 'view', 'cat', 'open'],
  list: ['ls', 'list', 'glob', 'bash', 'shell', 'exec', 'terminal'],
  write: ['write', 'create'],
  run: ['bash', 'shell', 'exec', 'execute', 'terminal', 'run', 'command', 'powershell'],
  search: ['grep', 'search', 'find', 'glob'],
};

/** With more tools than this a word of a tool's name in the user's text is likely to be chance. */
const fewTools = 5;

/**
 * Decides whether the simulated model calls a tool: when the client forces one, when the user asks for something that a
 * declared tool does, or names the tool.
 * @returns undefined where it answers in words
 */
export function planToolCall(question: DemoQuestion): DemoToolCall | undefined {
  const { tools, toolChoice, toolResult, userText } = question;
  if (tools.length === 0 || toolChoice === 'none') return undefined;
  const intent = intentOf(userText);
  const wanted = intent && toolFor(intent, tools);
  if (typeof toolChoice === 'object') return callOf(findTool(tools, toolChoice.name), intent, question);
  if (toolChoice === 'required') return callOf(wanted ?? namedTool(userText, tools) ?? tools[0], intent, question);
  // The tool has answered: a second call would go round for ever.
  if (toolResult !== undefined) return undefined;
  return callOf(wanted ?? namedTool(userText, tools), intent, question);
}

/** The one that stands first in the text. */
function intentOf(text: string): Intent | undefined {
  let first: { intent: Intent; index: number } | undefined;
  for (const intent of ['read', 'list', 'write', 'run', 'search'] as const) {
    const index = text.search(askedBy[intent]);
    if (index >= 0 && (first === undefined || index < first.index)) first = { intent, index };
  }
  return first?.intent;
}

function toolFor(intent: Intent, tools: readonly DemoTool[]): DemoTool | undefined {
  for (const word of servedBy[intent]) {
    const serving = tools.filter(({ name }) => wordsOf(name).includes(word));
    // `Write` before `TodoWrite`: the shorter name is the plainer tool.
    const plainest = serving.sort((left, right) => wordsOf(left.name).length - wordsOf(right.name).length)[0];
    if (plainest) return plainest;
  }
  return undefined;
}

function namedTool(text: string, tools: readonly DemoTool[]): DemoTool | undefined {
  const said = new Set(text.toLowerCase().split(/[^\p{L}\p{N}_-]+/u));
  const named = tools.find(
    ({ name }) => said.has(name.toLowerCase()) && /\b(?:tool|use|call)\b|инструмент/i.test(text),
  );
  if (named || tools.length > fewTools) return named;
  return tools.find(({ name }) => wordsOf(name).some((word) => word.length >= 4 && said.has(word)));
}

function findTool(tools: readonly DemoTool[], name: string): DemoTool | undefined {
  return tools.find((tool) => tool.name === name);
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
}

function callOf(
  tool: DemoTool | undefined,
  intent: Intent | undefined,
  question: DemoQuestion,
): DemoToolCall | undefined {
  if (tool === undefined) return undefined;
  const value = exampleValue(tool.parameters ?? { type: 'object' }, suggestFor(intent, question));
  return { name: tool.name, arguments: typeof value === 'object' && value !== null ? value : {} };
}

/**
 * Values for the usual names of arguments. A simulated model must not do harm: it writes to a file of its own only, and
 * the commands it gives look at things and change nothing.
 */
function suggestFor(intent: Intent | undefined, { userText, folder }: DemoQuestion): Suggest {
  const file = intent === 'write' ? 'strelka-demo.txt' : (fileIn(userText) ?? 'README.md');
  const place = folder ?? '.';
  return (property) => {
    const name = property.toLowerCase().replaceAll('_', '');
    if (/^(?:directory|dir|folder|cwd|workdir)$/.test(name)) return place;
    if (name === 'path' && (intent === 'list' || intent === 'search')) return place;
    if (/^(?:(?:file|absolute|relative|target)?path|file|filename|targetfile)$/.test(name))
      return inFolder(file, folder);
    if (/^(?:command|cmd|script)$/.test(name)) return intent === 'list' ? 'ls' : 'echo "[demo] simulated command"';
    if (/^(?:content|contents|filetext|text|data)$/.test(name))
      return `[demo] Simulated content: ${userText.slice(0, 200)}\n`;
    if (name === 'pattern') return intent === 'list' ? '*' : 'TODO';
    if (/^(?:query|search|regex)$/.test(name)) return userText.slice(0, 200);
    if (/^(?:city|location|place)$/.test(name)) return 'Moscow';
    return undefined;
  };
}

/** A word that looks like a file's name: something, a dot, a short ending. */
function fileIn(text: string): string | undefined {
  return /(?<![\p{L}\p{N}_/\\.:~-])[\p{L}\p{N}_/\\.:~-]{0,200}[\p{L}\p{N}_-]\.[a-z0-9]{1,8}(?![\p{L}\p{N}_-])/iu.exec(
    text.slice(0, 2000),
  )?.[0];
}

/** Claude Code's file tools want absolute paths. */
function inFolder(file: string, folder: string | undefined): string {
  if (folder === undefined || /^(?:[/\\~]|[a-z]:)/i.test(file)) return file;
  return `${folder.replace(/[/\\]$/, '')}${folder.includes('\\') ? '\\' : '/'}${file}`;
}
