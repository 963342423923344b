import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ScriptedCall } from '../fakes/chat-dialect.ts';
import { type Client, models } from './client.ts';
import type { Action } from './task.ts';

const resultSchema = z.looseObject({ payloads: z.array(z.looseObject({ text: z.string() })).min(1) });

/** OpenClaw 2026.9.6, one embedded agent turn, provider api "openai-completions" (protocol.md 6). */
export const openclaw: Client = {
  name: 'openclaw',
  package: { name: 'openclaw', version: '2026.9.6', binary: 'openclaw' },
  door: 'openai',
  tools: callTool,
  async prepare({ binary, home, project, gatewayUrl, key, prompt }) {
    const folder = path.join(home, '.openclaw');
    await mkdir(folder, { recursive: true });
    const model = {
      id: models.big,
      name: 'GLM-4.7',
      reasoning: true,
      input: ['text'],
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      contextWindow: 202_752,
      maxTokens: 16_384,
      compat: {
        supportsDeveloperRole: false,
        supportsReasoningEffort: false,
        supportsUsageInStreaming: true,
        maxTokensField: 'max_tokens',
      },
    };
    const provider = { baseUrl: `${gatewayUrl}/v1`, apiKey: key, api: 'openai-completions', models: [model] };
    const settings = {
      models: { mode: 'merge', providers: { strelka: provider } },
      agents: { defaults: { workspace: project, model: { primary: `strelka/${model.id}`, fallbacks: [] } } },
    };
    await writeFile(path.join(folder, 'openclaw.json'), JSON.stringify(settings));
    return {
      command: binary,
      args: ['agent', '--local', '--session-id', 'task', '--json', '--message', prompt],
      cwd: project,
      env: { PATH: process.env.PATH, HOME: home },
    };
  },
  finalTextOf({ stdout }) {
    const text = resultSchema.parse(JSON.parse(stdout)).payloads.at(-1)?.text;
    if (text === undefined) throw new Error('OpenClaw printed no text.');
    return text;
  },
};

function callTool(action: Action, project: string): ScriptedCall {
  switch (action.do) {
    case 'read':
      return { name: 'read', arguments: { path: path.join(project, action.file), limit: 100 } };
    case 'edit':
      return {
        name: 'edit',
        arguments: {
          path: path.join(project, action.file),
          edits: [{ oldText: action.before, newText: action.after }],
        },
      };
    case 'write':
      return { name: 'write', arguments: { path: path.join(project, action.file), content: action.content } };
    case 'run':
      return { name: 'exec', arguments: { command: action.command, workdir: project, timeoutSeconds: 20 } };
  }
}
