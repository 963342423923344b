import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { estimateTokens } from '../../../proxy/translate/token-estimate.ts';
import { estimateText } from '../../../proxy/translate/token-text.ts';
import { makeLongRequest } from './long-request.ts';

function assertNear(estimated: number, actual: number, share: number, what: string): void {
  assert.ok(Math.abs(estimated / actual - 1) <= share, `${what}: ${estimated} beside ${actual}`);
}

describe('estimating tokens', () => {
  const texts: Record<string, string> = {
    prose: 'When in doubt, read the file again before you change it, and say plainly what you did not verify. '.repeat(
      20,
    ),
    russian: 'Перед изменением прочитай файл ещё раз и прямо скажи, чего ты не проверил. '.repeat(20),
    chinese: '模型在工具调用时会返回结构化的结果，并且需要保持上下文。'.repeat(20),
    code: "const camelCasedName = await readFile(path.join(root, 'a.ts'), 'utf8');\n  if (!found) return;\n".repeat(20),
    json: JSON.stringify(makeLongRequest().tools[0]?.input_schema).repeat(5),
  };
  for (const [kind, text] of Object.entries(texts))
    it(`comes within a quarter for ${kind}`, () => assertNear(estimateText(text), countTokens(text), 0.25, kind));

  it('comes within 10 % of the tokenizer on a request as Claude Code sends it', () => {
    const { system, tools, messages } = makeLongRequest();
    const toolTexts = tools.map(({ name, description, input_schema: parameters }) =>
      JSON.stringify({ type: 'function', function: { name, description, parameters } }),
    );
    for (const [what, request, actual] of [
      ['system', { system }, countTokens(system[0]?.text ?? '')],
      ['tools', { tools }, toolTexts.reduce((sum, text) => sum + countTokens(text), 0)],
      ['result', { system: messages[2]?.content }, resultTokens(messages[2]?.content)],
    ] as const)
      assertNear(estimateTokens(request), actual, 0.1, what);
  });

  it('samples long texts: ten megabytes cost what ten kilobytes do, and say as much for each character', () => {
    const line = 'The quick brown fox jumps over the lazy dog. ';
    assertNear(estimateText(line.repeat(200_000)) / 200_000, estimateText(line.repeat(20)) / 20, 0.05, 'a line');
  });

  it('counts what has no text: images, PDFs, and messages themselves', () => {
    const content = [{ type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } }];
    assert.equal(estimateTokens({ messages: [{ role: 'user', content }] }), 1604);
    assert.equal(estimateTokens({ messages: [{ role: 'user', content: '' }] }), 4);
    assert.equal(estimateTokens({}), 0);
  });

  it('bears wrong shapes and endless depths', () => {
    let deep: unknown = 'x';
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    const content = [{ type: 'tool_use', name: 'x', input: deep }, null, 1, 'text', [], { type: 7 }];
    assert.ok(estimateTokens({ system: 5, tools: [null, 'x'], messages: [null, { content }] }) > 0);
  });
});

function resultTokens(content: unknown): number {
  const results = Array.isArray(content) ? content : [];
  return results.reduce(
    (sum: number, { content: inner }) => sum + countTokens(typeof inner === 'string' ? inner : inner[0].text),
    0,
  );
}
