import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ScriptedCall } from '../fakes/chat-dialect.ts';
import { type Client, models, type Workplace } from './client.ts';
import type { Action } from './task.ts';

const opencode = {
  name: 'opencode',
  package: { name: 'opencode-ai', version: '1.18.33', binary: 'opencode' },
  tools: callTool,
} as const;

const textEventSchema = z.looseObject({ type: z.literal('text'), part: z.looseObject({ text: z.string() }) });
const errorEventSchema = z.looseObject({ type: z.literal('error') });

/** OpenCode 1.18.33 speaking Anthropic Messages; its base address holds the version, unlike Claude Code's. */
export const opencodeAnthropic: Client = {
  ...opencode,
  door: 'anthropic',
  prepare: (workplace) =>
    prepare(workplace, {
      provider: {
        anthropic: {
          options: { baseURL: `${workplace.gatewayUrl}/v1`, apiKey: workplace.key },
          models: {
            'claude-sonnet-4-5': {
              // Not asked for, thinking is not passed on, so there would be nothing to replay.
              options: workplace.thinking ? { thinking: { type: 'enabled', budgetTokens: 8_000 } } : {},
            },
          },
        },
      },
      model: 'anthropic/claude-sonnet-4-5',
      small_model: 'anthropic/claude-haiku-4-5',
    }),
  finalTextOf,
};

/** OpenCode 1.18.33 speaking chat completions (protocol.md 6). */
export const opencodeOpenai: Client = {
  ...opencode,
  door: 'openai',
  prepare: (workplace) =>
    prepare(workplace, {
      provider: {
        strelka: {
          npm: '@ai-sdk/openai-compatible',
          name: 'Strelka',
          options: { baseURL: `${workplace.gatewayUrl}/v1`, apiKey: workplace.key },
          models: {
            [models.middle]: {
              name: 'GLM-4.7',
              tool_call: true,
              reasoning: true,
              interleaved: { field: 'reasoning_content' },
              limit: { context: 202_752, output: 16_384 },
            },
          },
        },
      },
      model: `strelka/${models.middle}`,
      small_model: `strelka/${models.middle}`,
    }),
  finalTextOf,
};

async function prepare({ binary, home, project, prompt }: Workplace, settings: object) {
  const file = path.join(home, 'opencode.json');
  await writeFile(
    file,
    JSON.stringify({ $schema: 'https://opencode.ai/config.json', autoupdate: false, share: 'disabled', ...settings }),
  );
  return {
    command: binary,
    args: ['run', '--format', 'json', prompt],
    cwd: project,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      OPENCODE_CONFIG: file,
      OPENCODE_DISABLE_MODELS_FETCH: '1',
      OPENCODE_DISABLE_AUTOUPDATE: '1',
    },
  };
}

function finalTextOf({ stdout }: { stdout: string }): string {
  const events: unknown[] = stdout.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  const failed = events.find((event) => errorEventSchema.safeParse(event).success);
  if (failed !== undefined) throw new Error(`OpenCode reports an error: ${JSON.stringify(failed)}`);
  const last = events.flatMap((event) => textEventSchema.safeParse(event).data ?? []).at(-1);
  if (last === undefined) throw new Error('OpenCode printed no text.');
  return last.part.text;
}

function callTool(action: Action, project: string): ScriptedCall {
  switch (action.do) {
    case 'read':
      return { name: 'read', arguments: { filePath: path.join(project, action.file), limit: 100 } };
    case 'edit':
      return {
        name: 'edit',
        arguments: {
          filePath: path.join(project, action.file),
          oldString: action.before,
          newString: action.after,
          replaceAll: false,
        },
      };
    case 'write':
      return { name: 'write', arguments: { content: action.content, filePath: path.join(project, action.file) } };
    case 'run':
      return { name: 'bash', arguments: { command: action.command, timeout: 20_000 } };
  }
}
