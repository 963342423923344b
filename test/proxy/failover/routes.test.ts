import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Settings, settingsSchema } from '../../../proxy/contract/settings.ts';
import { type Route, routeOf } from '../../../proxy/failover/routes.ts';

type Lists = Record<string, readonly string[]>;

function settingsWith(mapping: object, upstreams: string[] = ['cloudru']): Settings {
  return settingsSchema.parse({
    mapping,
    upstreams: upstreams.map((id) => ({ id, kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1/v1' })),
  });
}

function route(asked: string, mapping: object = {}, lists: Lists = {}, upstreams?: string[]): Route {
  return routeOf(asked, settingsWith(mapping, upstreams), new Map(Object.entries(lists)));
}

const tiers = { big: [{ model: 'b' }], middle: [{ model: 'm' }], small: [{ model: 's' }] };

describe('Claude names to tiers', () => {
  const names: [string, Route['tier']][] = [
    ['claude-haiku-4-5-20251001', 'small'],
    ['claude-3-5-haiku-latest', 'small'],
    ['claude-3-5-haiku@20241022', 'small'],
    ['claude-sonnet-5', 'middle'],
    ['claude-sonnet-4-5-20250929[1m]', 'middle'],
    ['anthropic/claude-sonnet-4.6', 'middle'],
    ['us.anthropic.claude-opus-4-6-v1:0', 'big'],
    ['CLAUDE-OPUS-5', 'big'],
    ['claude-fable-5-2', 'big'],
    ['claude-mythos-preview', 'big'],
    ['opus[1m]', 'big'],
    ['best', 'big'],
    ['gpt-4o', 'big'],
    ['', 'big'],
  ];
  for (const [name, tier] of names)
    it(`${name || '(nothing)'} is ${tier}`, () => {
      const found = route(name, tiers);
      assert.equal(found.tier, tier);
      assert.deepEqual(found.targets, [{ upstream: 'cloudru', model: (tier ?? '')[0] }]);
    });
});

describe('patterns of the settings', () => {
  it('come first, in order, and name a tier or a target', () => {
    const patterns = [
      { match: 'claude-opus-*', to: 'small' },
      { match: '*opus*', to: { model: 'other' } },
      { match: '*', to: { upstream: 'second', model: 'rest' } },
    ];
    const ask = (name: string) => route(name, { ...tiers, patterns }, {}, ['first', 'second']);
    assert.equal(ask('claude-opus-5').tier, 'small');
    assert.deepEqual(ask('opusplan'), { tier: null, targets: [{ upstream: 'first', model: 'other' }] });
    assert.deepEqual(ask('claude-haiku-4-5').targets, [{ upstream: 'second', model: 'rest' }]);
  });

  for (const asked of [
    'claude-sonnet-4-5',
    'Claude-Sonnet-4-5-20250929',
    'claude-sonnet-4-5-20250929[1m]',
    'claude-sonnet-4-5[1M]',
    'anthropic/claude-sonnet-4-5@20250929',
    'openrouter/anthropic/claude-sonnet-4-5-latest',
  ])
    it(`know ${asked} by its bare name`, () => {
      const patterns = [{ match: 'claude-sonnet-4-5', to: { model: 'mine' } }];
      assert.equal(route(asked, { ...tiers, patterns }).targets[0]?.model, 'mine');
    });

  it('may name a date or a window themselves', () => {
    const patterns = [
      { match: 'claude-sonnet-4-5-20250929', to: { model: 'dated' } },
      { match: 'claude-opus-5[1m]', to: { model: 'wide' } },
    ];
    const ask = (name: string) => route(name, { ...tiers, patterns }).targets[0]?.model;
    assert.equal(ask('claude-sonnet-4-5-20250929[1m]'), 'dated');
    assert.equal(ask('claude-sonnet-4-5-20251101'), 'm');
    assert.equal(ask('claude-opus-5[1m]'), 'wide');
    assert.equal(ask('claude-opus-5'), 'b');
  });

  it('win over an id that an upstream lists', () => {
    const patterns = [{ match: 'x/*', to: 'small' }];
    assert.equal(route('x/y', { ...tiers, patterns }, { cloudru: ['x/y'] }).tier, 'small');
  });
});

describe("an upstream's own id", () => {
  it('passes as it is, in the spelling of the upstream that lists it', () => {
    const lists = { first: ['a/one'], second: ['zai-org/GLM-5.1'] };
    assert.deepEqual(route('ZAI-org/glm-5.1', tiers, lists, ['first', 'second']), {
      tier: null,
      targets: [{ upstream: 'second', model: 'zai-org/GLM-5.1' }],
    });
  });

  it('passes even where it holds the name of a Claude family', () => {
    assert.deepEqual(route('local/opus-clone', tiers, { cloudru: ['local/opus-clone'] }).targets, [
      { upstream: 'cloudru', model: 'local/opus-clone' },
    ]);
  });

  it('passes where the settings name it as a target and no list is known', () => {
    const mapping = { ...tiers, middle: [{ upstream: 'second', model: 'own/model' }] };
    assert.deepEqual(route('own/model', mapping, {}, ['first', 'second']), {
      tier: null,
      targets: [{ upstream: 'second', model: 'own/model' }],
    });
  });

  it("passes by cloud.ru's bundled list until its own is known, and not after", () => {
    assert.equal(route('Qwen/Qwen3-Coder-Next', tiers).targets[0]?.model, 'Qwen/Qwen3-Coder-Next');
    assert.equal(route('Qwen/Qwen3-Coder-Next', tiers, { cloudru: ['x/y'] }).tier, 'big');
  });
});

describe('tiers', () => {
  it('keep the order of the settings and complete the upstream', () => {
    const big = [{ model: 'one' }, { upstream: 'second', model: 'two' }];
    assert.deepEqual(route('claude-opus-5', { big }, {}, ['first', 'second']).targets, [
      { upstream: 'first', model: 'one' },
      { upstream: 'second', model: 'two' },
    ]);
  });

  const firsts: [string, string, string][] = [
    ['glm', 'claude-opus-5', 'zai-org/GLM-4.7'],
    ['glm', 'claude-sonnet-5', 'zai-org/GLM-4.7'],
    ['glm', 'claude-haiku-4-5', 'openai/gpt-oss-120b'],
    ['qwen', 'claude-opus-5', 'zai-org/GLM-4.7'],
    ['qwen', 'claude-sonnet-5', 'Qwen/Qwen3-Coder-Next'],
    ['qwen', 'claude-haiku-4-5', 'openai/gpt-oss-120b'],
    ['gpt-oss', 'claude-opus-5', 'openai/gpt-oss-120b'],
    ['gpt-oss', 'claude-sonnet-5', 'openai/gpt-oss-120b'],
    ['gpt-oss', 'claude-haiku-4-5', 'openai/gpt-oss-120b'],
  ];
  for (const [preset, asked, model] of firsts)
    it(`preset ${preset} without a list: ${asked} goes to the first candidate of today, ${model}`, () =>
      assert.deepEqual(route(asked, { preset }).targets, [{ upstream: 'cloudru', model }]));

  it("are filled by the preset's candidates that the upstream lists, in the preset's order", () => {
    const lists = { cloudru: ['openai/gpt-oss-120b', 'zai-org/glm-5.1', 'zai-org/GLM-4.7', 'zai-org/GLM-4.7-FlashX'] };
    const models = (asked: string) => route(asked, {}, lists).targets.map(({ model }) => model);
    assert.deepEqual(models('claude-opus-5'), ['zai-org/GLM-4.7', 'zai-org/glm-5.1']);
    assert.deepEqual(models('claude-sonnet-5'), ['zai-org/GLM-4.7-FlashX', 'zai-org/GLM-4.7', 'zai-org/glm-5.1']);
    assert.deepEqual(models('claude-haiku-4-5'), ['openai/gpt-oss-120b']);
  });

  it('know a candidate by its bare id, but not as another owner`s', () => {
    assert.equal(route('opus', {}, { cloudru: ['x', 'glm-5.1'] }).targets[0]?.model, 'glm-5.1');
    assert.equal(route('opus', {}, { cloudru: ['x', 'z-ai/glm-5.1'] }).targets[0]?.model, 'x');
  });

  it('fall back to the first chat model of the list, one that stays in the country where there is a choice', () => {
    const first = (...list: string[]) => route('opus', {}, { cloudru: list }).targets;
    assert.deepEqual(first('BAAI/bge-m3', 'x/embedding-large', 'x/chat', 'y/chat'), [
      { upstream: 'cloudru', model: 'x/chat' },
    ]);
    assert.equal(first('xiaomi/mimo-v2.5-pro', 'x/chat')[0]?.model, 'x/chat');
    assert.equal(first('BAAI/bge-m3', 'xiaomi/mimo-v2.5-pro')[0]?.model, 'xiaomi/mimo-v2.5-pro');
    assert.equal(first('BAAI/bge-m3')[0]?.model, 'zai-org/GLM-4.7');
    assert.equal(first()[0]?.model, 'zai-org/GLM-4.7');
  });

  it('take the list of the first upstream, whoever else has one', () => {
    const found = route('opus', {}, { second: ['zai-org/GLM-5.1'] }, ['first', 'second']);
    assert.deepEqual(found.targets, [{ upstream: 'first', model: 'zai-org/GLM-4.7' }]);
  });
});
