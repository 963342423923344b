import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ScriptedAnswer } from '../fakes/chat-answer.ts';
import type { ScriptedCall } from '../fakes/chat-dialect.ts';
import { findFaults } from '../fakes/chat-legality.ts';
import { type RecordedBody, type RecordedRequest, type Script, textOf } from '../fakes/chat-upstream.ts';
import type { Scenario } from './scenario.ts';
import { answerSideQuery } from './side-query.ts';

/** What the scripted model does in a turn, in no client's words. `file` is relative to the project. */
export type Action =
  | { do: 'read'; file: string }
  | { do: 'edit'; file: string; before: string; after: string }
  | { do: 'write'; file: string; content: string }
  | { do: 'run'; command: string };

/** A client's own tools: turns an action into the call that the client understands. */
export type Tools = (action: Action, project: string) => ScriptedCall;

interface Step {
  say: string;
  actions: { action: Action; resultHolds: string[] }[];
}

export interface Task {
  prompt: string;
  finalText: string;
  script: Script;
  /** What went wrong so far on the upstream's side, one sentence each. */
  faults: string[];
  /** Bodies of the requests that carried the task, side queries left out. */
  bodies: RecordedBody[];
}

// Text that translation and repairs like to break: another script, tags, entities, quotes, backslashes, indents.
const notes =
  'The greeting in src/app.ts must say «Добрый вечер».\nThen write report.md. Keep <b>&amp;</b> as it is.\n';
const appBefore = "export const greeting = 'Hello';\n\texport const markup = '<b>&amp;</b>'; // keep\n";
const appAfter = "export const greeting = 'Добрый вечер';\n\texport const markup = '<b>&amp;</b>'; // keep\n";
const report =
  '# Report\n\n- "greeting" is now `Добрый вечер` 🚂\n- C:\\temp\\new stays, {"a": [1, 2]} too\n\n    indented <i>line</i>\n';
const finalText = 'Done: the greeting says «Добрый вечер» now, see report.md.';
const reasoning = 'The notes decide what to change, so I follow them.';

/** Lays out the project that the client works on. */
export async function layOutProject(project: string): Promise<void> {
  await mkdir(path.join(project, 'src'), { recursive: true });
  await writeFile(path.join(project, 'notes.txt'), notes);
  await writeFile(path.join(project, 'src', 'app.ts'), appBefore);
}

/** @returns what is wrong with the project's files once the client is done, one sentence each */
export async function findFileFaults(project: string): Promise<string[]> {
  const expected = { 'notes.txt': notes, 'src/app.ts': appAfter, 'report.md': report, 'proof.txt': appAfter + report };
  const present = new Set(await readdir(project, { recursive: true }));
  const faults: string[] = [];
  for (const [file, content] of Object.entries(expected)) {
    if (!present.has(file)) faults.push(`${file} was not written.`);
    else {
      const found = await readFile(path.join(project, file), 'utf8');
      if (found !== content) faults.push(`${file} holds ${JSON.stringify(found)}, not ${JSON.stringify(content)}.`);
    }
  }
  return faults;
}

/**
 * The task as a script for the fake upstream: read, edit, write, run a command, report. The turn is told from the
 * conversation, so that retries and side queries don't derail it; tool results and the legality of each request are
 * checked on the way. A fault ends the conversation at once, with the fault as the answer.
 */
export function createTask(tools: Tools, scenario: Scenario, project: string): Task {
  const steps = stepsOf(scenario);
  const task: Task = {
    prompt: 'Read notes.txt, do what it says, then tell me in one sentence what you did.',
    finalText,
    faults: [],
    bodies: [],
    script,
  };
  const callsOf = (step: Step) => step.actions.map(({ action }) => tools(action, project));
  const taskTool = tools({ do: 'read', file: 'notes.txt' }, project).name;

  function script({ body }: RecordedRequest): ScriptedAnswer {
    const isTask = body.tools?.some((tool) => tool.function.name === taskTool) ?? false;
    const faults = findFaults(body);
    if (!isTask) {
      task.faults.push(...faults);
      return answerSideQuery(body);
    }
    task.bodies.push(body);
    const done = body.messages.filter((message) => message.tool_calls !== undefined).length;
    const previous = steps[done - 1];
    if (body.stream !== true) faults.push('A request did not ask for a stream.');
    if (previous !== undefined) faults.push(...findResultFaults(body, previous, callsOf(previous)));
    if (faults.length > 0) {
      task.faults.push(...faults);
      return { text: `The script stops here: ${faults.join(' ')}` };
    }
    const step = steps[done];
    const thoughts = scenario.reasoning ? { reasoning } : {};
    if (step === undefined) return { ...thoughts, text: finalText };
    return { ...thoughts, text: step.say, toolCalls: callsOf(step), dialect: scenario.dialect };
  }
  return task;
}

/** @returns true where some request of the task carried the model's earlier reasoning back to it */
export function replayedReasoning(task: Task): boolean {
  return task.bodies.some((body) => body.messages.some((message) => message.reasoning_content?.includes(reasoning)));
}

function stepsOf(scenario: Scenario): Step[] {
  const readNotes = {
    action: { do: 'read', file: 'notes.txt' } as const,
    resultHolds: ['must say «Добрый вечер»', 'Keep <b>&amp;</b> as it is.'],
  };
  const readApp = {
    action: { do: 'read', file: 'src/app.ts' } as const,
    resultHolds: ["export const greeting = 'Hello';", "\texport const markup = '<b>&amp;</b>'; // keep"],
  };
  const reading: Step[] = scenario.parallel
    ? [{ say: 'I read both files.', actions: [readNotes, readApp] }]
    : [
        { say: 'I read the notes.', actions: [readNotes] },
        { say: '', actions: [readApp] },
      ];
  const edit = {
    action: { do: 'edit', file: 'src/app.ts', before: "'Hello';", after: "'Добрый вечер';" } as const,
    resultHolds: [],
  };
  const write = { action: { do: 'write', file: 'report.md', content: report } as const, resultHolds: [] };
  const run = {
    action: {
      do: 'run',
      command: 'cat src/app.ts report.md > proof.txt && wc -l < proof.txt && cat proof.txt',
    } as const,
    resultHolds: [
      '8',
      "greeting = 'Добрый вечер';",
      'C:\\temp\\new stays, {"a": [1, 2]} too',
      '    indented <i>line</i>',
    ],
  };
  return [
    ...reading,
    { say: 'Now the change.', actions: [edit] },
    { say: '', actions: [write] },
    { say: 'I check it.', actions: [run] },
  ];
}

/** The last assistant message must hold the step's calls as scripted, and the results behind it what they must. */
function findResultFaults(body: RecordedBody, step: Step, scripted: ScriptedCall[]): string[] {
  const at = body.messages.findLastIndex((message) => message.role === 'assistant');
  const calls = body.messages[at]?.tool_calls ?? [];
  if (calls.length !== scripted.length) {
    return [`The history holds ${calls.length} calls where ${scripted.length} were made.`];
  }
  return scripted.flatMap((expected, index) => {
    const faults: string[] = [];
    const call = calls[index];
    if (call?.function.name !== expected.name) faults.push(`The history calls ${call?.function.name}.`);
    const sent: unknown = JSON.parse(call?.function.arguments ?? 'null');
    for (const [key, value] of Object.entries(expected.arguments)) {
      const found = typeof sent === 'object' && sent !== null ? Reflect.get(sent, key) : undefined;
      if (JSON.stringify(found) !== JSON.stringify(value)) {
        faults.push(`${expected.name}.${key} came back as ${JSON.stringify(found)}.`);
      }
    }
    const answer = body.messages.find((message) => message.role === 'tool' && message.tool_call_id === call?.id);
    const result = answer === undefined ? '' : textOf(answer);
    for (const text of step.actions[index]?.resultHolds ?? []) {
      if (!result.includes(text)) {
        faults.push(`The result of ${expected.name} lacks ${JSON.stringify(text)}: ${result.slice(0, 500)}`);
      }
    }
    return faults;
  });
}
