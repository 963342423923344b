import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { assertLegal } from './chat-legality.ts';
import { Random } from './random.ts';
import { claudeCodeRequest, type SampleOptions, translateSample } from './request-sample.ts';

const ids = ['a', 'b', 'c', 'functions.Read:0', '', 'toolu_1'] as const;
const names = ['Read', 'Bash', 'mcp.odd name', 'x'.repeat(90), ''] as const;

function randomBlock(random: Random): unknown {
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return {
        type: 'tool_use',
        id: random.pick(ids),
        name: random.pick(names),
        input: random.pick<unknown>([{}, { a: 1 }, 'x', null, []]),
      };
    case 3:
    case 4:
    case 5:
      return {
        type: 'tool_result',
        tool_use_id: random.pick(ids),
        is_error: random.chance(0.3),
        content: random.pick([
          'done',
          '',
          undefined,
          [],
          [{ type: 'text', text: 'done' }],
          [
            { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } },
            { type: 'text', text: '' },
          ],
        ]),
      };
    case 6:
      return { type: 'thinking', thinking: 'Hm.', signature: 's' };
    case 7:
      return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
    case 8:
      return random.pick<unknown>([
        { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
        { type: 'redacted_thinking', data: 'x' },
        { type: 'hologram' },
      ]);
    default:
      return { type: 'text', text: random.pick(['Hi', '', '\n', 'Go on.']) };
  }
}

function randomHistory(random: Random): unknown[] {
  return Array.from({ length: 1 + random.below(9) }, () => ({
    role: random.pick(['user', 'assistant', 'user', 'assistant', 'system', 'oracle']),
    content: random.chance(0.15)
      ? random.pick(['Hi', ''])
      : Array.from({ length: random.below(6) }, () => randomBlock(random)),
  }));
}

function randomOptions(random: Random): SampleOptions {
  return {
    profile: {
      systemAnywhere: random.chance(0.5),
      replayReasoning: random.chance(0.5),
      toolCallIds: random.pick(['any', 'kimi', 'nine-alphanumerics']),
      vision: random.chance(0.7),
      imageWithoutVision: 'describe',
      forcedToolChoice: random.chance(0.5),
    },
  };
}

/** Every place of a JSON value that can be changed: an object or list, and a key of it. */
function places(value: unknown): { owner: Record<string, unknown>; key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const owner: Record<string, unknown> = Object(value);
  return Object.keys(owner).flatMap((key) => [{ owner, key }, ...places(owner[key])]);
}

const odd = [
  null,
  '',
  0,
  -1,
  1e308,
  true,
  [],
  {},
  'x',
  [null],
  [[]],
  { type: 'text' },
  { type: '__proto__' },
  ['x'],
  '__proto__',
] as const;

function mutate(random: Random): Record<string, unknown> {
  const body = structuredClone(claudeCodeRequest());
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    const all = places(body);
    const target = all[random.below(all.length)];
    const source = all[random.below(all.length)];
    if (!target || !source) continue;
    if (random.chance(0.25)) delete target.owner[target.key];
    else if (random.chance(0.4)) target.owner[target.key] = structuredClone(source.owner[source.key]);
    else target.owner[target.key] = structuredClone(random.pick(odd));
  }
  return body;
}

describe('any history', () => {
  it('becomes a legal conversation, in 2000 random ones', () => {
    let translated = 0;
    for (let seed = 1; seed <= 2_000; seed += 1) {
      const random = new Random(seed);
      const messages = randomHistory(random);
      try {
        const { chat } = translateSample({ messages }, randomOptions(random));
        assertLegal(chat.messages);
        translated += 1;
      } catch (error) {
        // The one right refusal: a history in which nobody says anything.
        if (error instanceof StrelkaError && /non-empty content/.test(error.message)) continue;
        assert.fail(`seed ${seed}: ${String(error)}\n${JSON.stringify(messages)}`);
      }
    }
    assert.ok(translated > 1_800, `${translated} of 2000 were translated`);
  });

  it('loses no text and no result', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = new Random(seed);
      let marks = 0;
      const messages = randomHistory(random).map((message) =>
        JSON.parse(JSON.stringify(message).replace(/"(?:Hi|Go on\.|done)"/g, () => `"<mark ${marks++}>"`)),
      );
      if (marks === 0) continue;
      // One word of a user, so that no history is refused as empty.
      messages.push({ role: 'user', content: 'Well?' });
      const text = JSON.stringify(translateSample({ messages }, randomOptions(random)).chat.messages);
      for (let mark = 0; mark < marks; mark += 1)
        assert.ok(text.includes(`<mark ${mark}>`), `seed ${seed} lost mark ${mark}\n${JSON.stringify(messages)}`);
    }
  });
});

describe('any change of a real request', () => {
  it('is translated or refused by a StrelkaError, in 3000 random ones', () => {
    let translated = 0;
    for (let seed = 1; seed <= 3_000; seed += 1) {
      const random = new Random(seed);
      const body = mutate(random);
      try {
        // An id of undefined stands for "not there", as it does in JSON.
        assertLegal(translateSample(JSON.parse(JSON.stringify(body)), randomOptions(random)).chat.messages);
        translated += 1;
      } catch (error) {
        if (error instanceof StrelkaError && error.kind !== 'internal') continue;
        assert.fail(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}\n${JSON.stringify(body)}`);
      }
    }
    assert.ok(translated > 600, `only ${translated} of 3000 were translated`);
  });
});
