import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatMessage, ChatRequest, ChatTool } from '../../../../proxy/openai/chat-request.ts';
import { type Shaping, shapePrompt } from '../../../../proxy/profile/shaping/shape-prompt.ts';
import { clientPrompt, clientPrompts, systemOf } from './client-prompts.ts';

const shaping: Shaping = { systemLimit: 4000, toolDescriptionLimit: 1000, antiRefusal: true };
const readTool: ChatTool = { type: 'function', function: { name: 'Read', parameters: { type: 'object' } } };
const question: ChatMessage = { role: 'user', content: 'Привет' };
const skills =
  '<available_skills>\n<skill><name>pdf</name><description>Reads PDFs</description><location>/s/pdf/SKILL.md</location></skill>\n</available_skills>';

function chat(system: string | undefined, fields: Partial<ChatRequest> = {}): ChatRequest {
  const leading: ChatMessage[] = system === undefined ? [] : [{ role: 'system', content: system }];
  return { model: 'm', messages: [...leading, question], stream: true, ...fields };
}

const long = (words: string, length: number) => `${words} `.repeat(Math.ceil(length / (words.length + 1))).trim();

describe('a shaped prompt', () => {
  for (const name of clientPrompts)
    it(`of a real client keeps within its limits and leaves the conversation alone: ${name}`, async () => {
      const given = await clientPrompt(name);
      const before = structuredClone(given);
      const { chat: shaped, original, sent, changes } = shapePrompt(given, shaping);
      assert.deepEqual(given, before);
      assert.equal(original, systemOf(given));
      assert.equal(sent, systemOf(shaped));
      assert.ok(sent.length <= shaping.systemLimit && sent.length > 3000, String(sent.length));
      assert.match(sent, /^CRITICAL: .*real calls of the declared tools/);
      // Who the model is comes right behind, and no example is left.
      assert.match(sent, /\n\nYou are /);
      assert.doesNotMatch(sent, /<example>|<available_skills>\s*<skill>/);

      const conversation = (messages: readonly ChatMessage[]) => messages.filter(({ role }) => role !== 'system');
      for (const [index, message] of conversation(shaped.messages).entries())
        assert.equal(message, conversation(given.messages)[index]);
      assert.equal(shaped.messages.length, given.messages.length);
      const { messages: _, tools, ...rest } = shaped;
      const { messages: __, tools: givenTools, ...givenRest } = given;
      assert.deepEqual(rest, givenRest);
      assert.deepEqual(
        tools?.map((tool) => tool.function.name),
        givenTools?.map((tool) => tool.function.name),
      );
      assert.deepEqual(changes[0], { what: 'system', beforeChars: original.length, afterChars: sent.length });
      // The same bytes each time: prefix caches need them.
      assert.equal(JSON.stringify(shapePrompt(given, shaping).chat), JSON.stringify(shaped));
    });

  it('of OpenCode and OpenClaw keeps where they work and what skills they have', async () => {
    const opencode = shapePrompt(await clientPrompt('opencode-last-turn-chat'), shaping).sent;
    assert.match(
      opencode,
      /<env>\n {2}Working directory: \/tmp\/exp\/cap-opencode\/project\n[^<]*Platform: linux\n[^<]*date: .*\n<\/env>/,
    );
    assert.match(opencode, /load that skill with the tool skill.*\n\| Name \|.*\n.*\n\| customize-opencode \|/);
    const openclaw = shapePrompt(await clientPrompt('openclaw-last-turn-chat'), shaping).sent;
    assert.match(openclaw, /Working directory: \/tmp\/exp\/cap-openclaw\/project/);
    assert.match(openclaw, /Current date: 2026-11-20/);
    assert.match(openclaw, /with the tool read.*\n/);
    assert.match(openclaw, /\| weather \|/);
  });

  it("keeps the user's instructions and a forced choice, and drops talk of style", () => {
    const system = [
      'You are a helper.',
      `# Tone and style\n${long('Be nice and short.', 5000)}`,
      'Instructions from: /p/AGENTS.md\nRun npm test behind each change.',
      'Your next answer must call the tool Read.',
    ].join('\n\n');
    const { sent } = shapePrompt(chat(system, { tools: [readTool] }), { ...shaping, systemLimit: 1000 });
    assert.match(sent, /\nYou are a helper\./);
    assert.match(sent, /Run npm test behind each change\./);
    assert.match(sent, /Your next answer must call the tool Read\.$/);
    assert.ok(sent.length <= 1000);
  });

  it('begins with the critical lines where there are tools, also without a system prompt', () => {
    const { chat: shaped, original, changes } = shapePrompt(chat(undefined, { tools: [readTool] }), shaping);
    assert.equal(original, '');
    assert.match(systemOf(shaped), /^CRITICAL: .*\nAnswer in the language of the user.*\nDo not refuse.*$/);
    assert.equal(shaped.messages.at(-1), question);
    assert.equal(changes.length, 1);
    assert.doesNotMatch(
      shapePrompt(chat('Short.', { tools: [readTool] }), { ...shaping, antiRefusal: false }).sent,
      /refuse/,
    );
  });

  it('is the same object where there is nothing to do', () => {
    for (const given of [
      chat('Write a title.'),
      chat(undefined),
      chat('Short.', { tools: [readTool], tool_choice: 'none' }),
    ]) {
      const { chat: shaped, changes, original, sent } = shapePrompt(given, shaping);
      assert.equal(shaped, given);
      assert.deepEqual(changes, []);
      assert.equal(sent, original);
    }
  });

  it('does not speak of tools that must not be called', () => {
    const given = chat(long('You follow these rules of mine.', 6000), { tools: [readTool], tool_choice: 'none' });
    const { sent } = shapePrompt(given, shaping);
    assert.match(sent, /^CRITICAL: Follow the instructions below exactly\.\n/);
    assert.ok(sent.length <= 4000);
    assert.doesNotMatch(sent.split('\n\n')[0] ?? '', /tool/);
  });

  it('has a table in the place of skills in later system messages too, which else stay whole', () => {
    const later: ChatMessage = { role: 'system', content: `News: ${long('much to tell', 6000)}\n\n${skills}` };
    const given = chat('You are.', { messages: [{ role: 'system', content: 'You are.' }, question, later, question] });
    const { chat: shaped, changes } = shapePrompt(given, shaping);
    const content = shaped.messages[2]?.content;
    assert.ok(
      typeof content === 'string' && content.startsWith(`News: ${long('much to tell', 6000)}\n\nDispatch table`),
    );
    assert.deepEqual(
      changes.map(({ what }) => what),
      ['skills'],
    );
    assert.deepEqual(shaped.messages[0], given.messages[0]);
  });

  it('never touches what user, assistant and tools say, skills included', () => {
    const call = { id: '1', type: 'function' as const, function: { name: 'Read', arguments: '{}' } };
    const messages: ChatMessage[] = [
      { role: 'system', content: `${long('Rules of the house.', 9000)}\n\n${skills}` },
      { role: 'user', content: `<system-reminder>\n${skills}\n</system-reminder>${long('x', 9000)}` },
      { role: 'assistant', content: skills, tool_calls: [call] },
      { role: 'tool', tool_call_id: '1', content: skills },
    ];
    const { chat: shaped } = shapePrompt(chat(undefined, { messages, tools: [readTool] }), shaping);
    for (const index of [1, 2, 3]) assert.equal(shaped.messages[index], messages[index]);
    assert.doesNotMatch(systemOf(shaped), /<skill>/);
  });

  it('joins several leading system messages, for templates that take one', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'One.' },
      { role: 'system', content: 'Two.' },
      question,
    ];
    const { chat: shaped } = shapePrompt(chat(undefined, { messages, tools: [readTool] }), shaping);
    assert.equal(shaped.messages.length, 2);
    assert.match(systemOf(shaped), /\n\nOne\.\n\nTwo\.$/);
  });
});
