import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChatTool } from '../../../../proxy/openai/chat-request.ts';
import { describedChars, shapeTool } from '../../../../proxy/profile/shaping/tools.ts';
import { clientPrompt, clientPrompts } from './client-prompts.ts';

const prose = (words: string, length: number) => `${words} `.repeat(Math.ceil(length / (words.length + 1))).trim();

function tool(description: string, parameters: Record<string, unknown> = { type: 'object', properties: {} }): ChatTool {
  return { type: 'function', function: { name: 'Tool', description, parameters } };
}

const descriptionOf = (shaped: ChatTool) => shaped.function.description ?? '';

/** A schema without its descriptions: what must not change. */
function meaning(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(meaning);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).flatMap(([key, value]) =>
      key === 'description' && typeof value === 'string' ? [] : [[key, meaning(value)]],
    ),
  );
}

describe('the description of a tool', () => {
  it('keeps its first sentences and the rules of parameters; examples and asides go first', () => {
    const description = [
      'Runs a command.',
      `${prose('Some remark.', 300)}`,
      'The path parameter must be absolute.',
      `# Git\n${prose('Write good commit messages.', 300)}`,
      `<example>\n${prose('run this', 300)}\n</example>`,
    ].join('\n\n');
    const shaped = shapeTool(tool(description), 400, {});
    assert.equal(
      descriptionOf(shaped),
      `Runs a command.\n\n${prose('Some remark.', 300)}\n\nThe path parameter must be absolute.`,
    );
    assert.equal(
      descriptionOf(shapeTool(tool(description), 100, {})),
      'Runs a command.\n\nThe path parameter must be absolute.',
    );
  });

  it('of one long paragraph keeps whole sentences', () => {
    const shaped = descriptionOf(shapeTool(tool(prose('It finds files by their names.', 5000)), 400, {}));
    assert.ok(shaped.length <= 400);
    assert.match(shaped, /^(It finds files by their names\. ?)+\n\[The rest was left out\.\]$/);
  });

  it('keeps the choices that it names', () => {
    const agents = 'Available agent types:\n- explore: Looks around\n- plan: Makes plans\n';
    const description = `Starts an agent.\n\n${prose('Much more to know.', 600)}\n\n${agents}\n${prose('And a note.', 600)}`;
    assert.match(descriptionOf(shapeTool(tool(description), 300, {})), /- explore: Looks around\n- plan: Makes plans/);
  });

  it('turns a list of skills into a table that it keeps whole', () => {
    const skills = Array.from(
      { length: 20 },
      (_, index) =>
        `<skill><name>skill-${index}</name><description>${prose('Use it for work.', 200)}</description></skill>`,
    );
    const description = `Loads a skill.\n\n${prose('Some remark.', 900)}\n\n<available_skills>\n${skills.join('\n')}\n</available_skills>`;
    const shaped = descriptionOf(shapeTool(tool(description), 500, { skillTool: 'Skill' }));
    for (let index = 0; index < 20; index += 1) assert.match(shaped, new RegExp(`\\| skill-${index} \\|`));
    assert.match(shaped, /^Loads a skill\./);
    assert.doesNotMatch(shaped, /remark|<skill>/);
  });

  it('is the same object where it is short, and in the next turn', () => {
    const short = tool('Reads a file.', {
      type: 'object',
      properties: { path: { type: 'string', description: 'Path' } },
    });
    assert.equal(shapeTool(short, 100, {}), short);
    const long = tool(prose('It does much.', 3000));
    const shaped = shapeTool(long, 500, {});
    assert.equal(shapeTool(long, 500, {}), shaped);
    assert.notEqual(shapeTool(long, 400, {}), shaped);
    const bare: ChatTool = { type: 'function', function: { name: 'bare', parameters: {} } };
    assert.equal(shapeTool(bare, 100, {}), bare);
  });
});

describe('the descriptions of parameters', () => {
  const long = prose('The way it works.', 2000);
  const schema = {
    type: 'object',
    description: long,
    properties: {
      description: { type: 'string', enum: [long, 'b'], description: long },
      items: {
        type: 'array',
        items: { anyOf: [{ type: 'string', description: long, default: long }, { $ref: '#/$defs/other' }] },
      },
      enum: { const: { description: long } },
    },
    required: ['description', 'items'],
    additionalProperties: { type: 'string', description: long },
    $defs: { other: { type: 'object', properties: { description: { description: 'short' } } } },
    examples: [{ description: long }],
  };

  it('are trimmed wherever they stand; names, types, enums, defaults and examples are not', () => {
    const original = structuredClone(schema);
    const given = tool('Short.', schema);
    const { parameters } = shapeTool(given, 500, {}).function;
    assert.deepEqual(schema, original);
    const shaped = JSON.stringify(parameters);
    assert.deepEqual(meaning(parameters), meaning({ ...original }));
    assert.equal(shaped.match(/The rest was left out/g)?.length, 4);
    // One in an enum, one in a default, one in a const, one in the examples.
    assert.equal(shaped.split(JSON.stringify(long)).length - 1, 4);
    assert.ok(describedChars(given) > describedChars(shapeTool(given, 500, {})));
  });

  it('of real tools may get shorter, and nothing else about them changes', async () => {
    for (const name of clientPrompts)
      for (const given of (await clientPrompt(name)).tools ?? []) {
        const shaped = shapeTool(given, 300, {});
        assert.equal(shaped.function.name, given.function.name);
        assert.ok(descriptionOf(shaped).length <= 300, given.function.name);
        assert.ok((given.function.description ?? '') === '' || descriptionOf(shaped).length > 0);
        assert.deepEqual(meaning(shaped.function.parameters), meaning(given.function.parameters));
        assert.deepEqual(
          meaning({ ...shaped, function: { ...shaped.function, parameters: 0 } }),
          meaning({ ...given, function: { ...given.function, parameters: 0 } }),
        );
      }
  });
});
