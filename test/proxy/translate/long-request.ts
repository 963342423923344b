/** A request of the size and the mixture that Claude Code sends: about 60 KB, 20 tools, code, results, Russian. */
export function makeLongRequest() {
  const prose =
    'You are an interactive agent that helps users with software engineering tasks. IMPORTANT: Assist with defensive ' +
    'security work only; refuse to create malicious code. When you reference code, use the pattern `file_path:line`.\n';
  const russian = 'Прочитай файл настроек, найди в нём ошибку и исправь её, не меняя остального. ';
  const code =
    "import { readFile } from 'node:fs/promises';\n\nexport async function loadSettings(path: string) {\n" +
    "  const text = await readFile(path, 'utf8');\n  return settingsSchema.parse(JSON.parse(text));\n}\n";
  const log = Array.from(
    { length: 40 },
    (_, line) => `drwxr-xr-x 2 root root ${4096 + line * 13} Nov 20 21:${10 + line} file-${line}.test.ts\n`,
  ).join('');
  const tools = Array.from({ length: 20 }, (_, index) => ({
    name: `Tool${index}`,
    description: prose.repeat(6),
    input_schema: {
      type: 'object',
      properties: {
        file_path: { type: 'string', description: 'The absolute path to the file to modify' },
        limit: { type: 'integer', minimum: 1, description: 'How many lines to read' },
        mode: { type: 'string', enum: ['content', 'files_with_matches', 'count'] },
      },
      required: ['file_path'],
      additionalProperties: false,
    },
    cache_control: { type: 'ephemeral' },
  }));
  return {
    model: 'claude-sonnet-5',
    system: [{ type: 'text', text: prose.repeat(30) }],
    tools,
    messages: [
      { role: 'user', content: russian.repeat(20) },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: prose, signature: 'x'.repeat(500) },
          { type: 'text', text: 'I shall read it.' },
          { type: 'tool_use', id: 'toolu_1', name: 'Tool1', input: { file_path: '/home/me/project/src/settings.ts' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: [{ type: 'text', text: code.repeat(40) }] },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: log.repeat(3), is_error: true },
        ],
      },
    ],
  };
}
