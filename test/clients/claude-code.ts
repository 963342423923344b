import path from 'node:path';
import { z } from 'zod';
import type { ScriptedCall } from '../fakes/chat-dialect.ts';
import type { Client } from './client.ts';
import type { Action } from './task.ts';

const resultSchema = z.looseObject({ type: z.literal('result'), is_error: z.boolean(), result: z.string() });

/** Claude Code 2.1.329 in print mode, set up by environment alone (protocol.md 1.2). */
export const claudeCode: Client = {
  name: 'claude-code',
  package: { name: '@anthropic-ai/claude-code', version: '2.1.329', binary: 'claude' },
  door: 'anthropic',
  tools: callTool,
  async prepare({ binary, home, project, gatewayUrl, key, prompt }) {
    return {
      command: binary,
      args: [
        ...['-p', prompt, '--output-format', 'json'],
        ...['--allowedTools', 'Bash,Read,Edit,Write', '--permission-mode', 'acceptEdits'],
      ],
      cwd: project,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ANTHROPIC_BASE_URL: gatewayUrl,
        ANTHROPIC_AUTH_TOKEN: key,
        DISABLE_TELEMETRY: '1',
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        // A fault must show at once, not behind minutes of retries.
        CLAUDE_CODE_MAX_RETRIES: '0',
      },
    };
  },
  finalTextOf({ stdout }) {
    const { is_error, result } = resultSchema.parse(JSON.parse(stdout));
    if (is_error) throw new Error(`Claude Code reports an error: ${result}`);
    return result;
  },
};

function callTool(action: Action, project: string): ScriptedCall {
  switch (action.do) {
    case 'read':
      return { name: 'Read', arguments: { file_path: path.join(project, action.file) } };
    case 'edit':
      return {
        name: 'Edit',
        arguments: {
          file_path: path.join(project, action.file),
          old_string: action.before,
          new_string: action.after,
          replace_all: false,
        },
      };
    case 'write':
      return { name: 'Write', arguments: { file_path: path.join(project, action.file), content: action.content } };
    case 'run':
      return { name: 'Bash', arguments: { command: action.command, description: 'Show the files', timeout: 20_000 } };
  }
}
