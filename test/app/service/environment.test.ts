import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readEnvironment } from '../../../app/service/environment.ts';
import { composeSettings } from '../../../app/service/settings.ts';
import { defaultSettings, type Settings, settingsSchema } from '../../../proxy/contract/settings.ts';
import { StrelkaError } from '../../../proxy/errors.ts';

function overlay(environment: NodeJS.ProcessEnv, file: unknown = {}): Settings {
  return readEnvironment(environment).apply(settingsSchema.parse(file));
}

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    assert.equal(error.kind, 'settings-unusable');
    assert.ok(!error.message.includes('\n'), 'the refusal is one line');
    return error.message;
  }
  return assert.fail('nothing was refused');
}

describe('the environment over the settings', () => {
  it('changes nothing when it is empty, nor does it change what it is put over', () => {
    assert.deepEqual(overlay({}), defaultSettings());
    const file = defaultSettings();
    const changed = readEnvironment({ PORT: '9000', BIG_MODEL: 'a', CUSTOM_HEADER_X_A: 'b' }).apply(file);
    assert.deepEqual(file, defaultSettings());
    assert.notDeepEqual(changed, file);
  });

  it('takes an empty variable for unset', () => {
    const names = ['OPENAI_BASE_URL', 'BIG_MODEL', 'HOST', 'PORT', 'LOG_LEVEL', 'MAX_TOKENS_LIMIT', 'REQUEST_TIMEOUT'];
    const more = [
      'MAX_RETRIES',
      'DISABLE_THINKING',
      'CUSTOM_HEADER_X',
      'OLLAMA_MODEL',
      'RATE_LIMIT_RPS',
      'STRELKA_MODE',
    ];
    for (const empty of ['', '  '])
      assert.deepEqual(
        overlay(Object.fromEntries([...names, ...more].map((name) => [name, empty]))),
        defaultSettings(),
      );
  });

  it('sets each field from its variable', () => {
    const settings = overlay({
      BIG_MODEL: 'zai-org/GLM-5.1, moonshotai/Kimi-K2.6 ,',
      MIDDLE_MODEL: 'Qwen/Qwen3-Coder-Next',
      SMALL_MODEL: 'openai/gpt-oss-120b',
      HOST: '0.0.0.0',
      PORT: ' 0 ',
      LOG_LEVEL: 'WARNING',
      MAX_TOKENS_LIMIT: '16384',
      MIN_TOKENS_LIMIT: '100',
      REQUEST_TIMEOUT: '90',
      FIRST_BYTE_TIMEOUT: '1.5',
      IDLE_TIMEOUT: '.25',
      MAX_RETRIES: '0',
      DISABLE_THINKING: 'True',
      STRELKA_MODE: 'Cloud',
      FAILOVER_COOLDOWN: '2.5',
      PROBE_INTERVAL: '10',
      RATE_LIMIT_RPS: '2.5',
    });
    assert.deepEqual([settings.failover.cooldownMs, settings.failover.probeIntervalMs], [2_500, 10_000]);
    assert.deepEqual(settings.mapping.big, [{ model: 'zai-org/GLM-5.1' }, { model: 'moonshotai/Kimi-K2.6' }]);
    assert.deepEqual(settings.mapping.middle, [{ model: 'Qwen/Qwen3-Coder-Next' }]);
    assert.deepEqual(settings.mapping.small, [{ model: 'openai/gpt-oss-120b' }]);
    assert.deepEqual([settings.server.host, settings.server.port], ['0.0.0.0', 0]);
    assert.equal(settings.log.level, 'warn');
    assert.deepEqual(settings.limits, { maxTokens: 16_384, minTokens: 100, requestsPerSecond: 2.5 });
    assert.deepEqual(settings.timeouts, { connectMs: 5_000, firstByteMs: 1_500, idleMs: 250, totalMs: 90_000 });
    assert.equal(settings.retries.max, 0);
    assert.equal(settings.thinking.disabled, true);
    assert.equal(settings.mode, 'cloud');
    assert.deepEqual(settingsSchema.parse(settings), settings);
  });

  it('wins over the file', () => {
    const file = { server: { port: 1000 }, mapping: { big: [{ model: 'old' }], small: [{ model: 'kept' }] } };
    const settings = overlay(
      { PORT: '2000', BIG_MODEL: 'new', MAX_TOKENS_LIMIT: '0' },
      { ...file, limits: { maxTokens: 5 } },
    );
    assert.equal(settings.server.port, 2000);
    assert.deepEqual(settings.mapping.big, [{ model: 'new' }]);
    assert.deepEqual(settings.mapping.small, [{ model: 'kept' }]);
    assert.equal(settings.limits.maxTokens, null);
    const limited = { limits: { requestsPerSecond: 5 } };
    assert.equal(overlay({ RATE_LIMIT_RPS: '0' }, limited).limits.requestsPerSecond, 0, 'no limit');
    assert.equal(overlay({ RATE_LIMIT_RPS: '' }, limited).limits.requestsPerSecond, 5);
  });

  it('knows every usual spelling of yes, no and the levels', () => {
    for (const text of ['true', '1', 'YES', 'on'])
      assert.equal(overlay({ DISABLE_THINKING: text }).thinking.disabled, true);
    const file = { thinking: { disabled: true } };
    for (const text of ['false', '0', 'No', 'off'])
      assert.equal(overlay({ DISABLE_THINKING: text }, file).thinking.disabled, false);
    const levels = { DEBUG: 'debug', info: 'info', Warn: 'warn', WARNING: 'warn', ERROR: 'error', critical: 'error' };
    for (const [text, level] of Object.entries(levels)) assert.equal(overlay({ LOG_LEVEL: text }).log.level, level);
  });

  it('never makes a time of zero out of a tiny one', () => {
    assert.equal(overlay({ IDLE_TIMEOUT: '0.0001' }).timeouts.idleMs, 1);
    assert.equal(overlay({ PROBE_INTERVAL: '0.0001' }).failover.probeIntervalMs, 1);
    assert.equal(overlay({ FAILOVER_COOLDOWN: '0' }).failover.cooldownMs, 0, 'no cooldown is a choice');
  });

  const unusable: Record<string, string[]> = {
    PORT: ['abc', '-1', '65536', '80.5', '0x50', '1e3'],
    OPENAI_BASE_URL: [
      'foo',
      'ftp://x/v1',
      'localhost:8000',
      'http://',
      'http://user:pass@x/v1',
      'http://x/v1?key=1',
      'http://x/v1#a',
    ],
    BIG_MODEL: [',', ' , '],
    LOG_LEVEL: ['loud', 'constructor'],
    MAX_TOKENS_LIMIT: ['-1', 'many', '1.5'],
    MIN_TOKENS_LIMIT: ['x'],
    REQUEST_TIMEOUT: ['0', '90s', '-1', '1,5', '1e9', 'NaN', 'Infinity'],
    FIRST_BYTE_TIMEOUT: ['0', 'soon'],
    IDLE_TIMEOUT: ['0'],
    MAX_RETRIES: ['-1', '11', 'two'],
    DISABLE_THINKING: ['maybe'],
    STRELKA_MODE: ['x', 'auto,cloud'],
    OLLAMA_BASE_URL: ['11434'],
    FAILOVER_COOLDOWN: ['-5', 'x'],
    PROBE_INTERVAL: ['0', 'x'],
    RATE_LIMIT_RPS: ['-1', 'x'],
    CUSTOM_HEADER_X_A: ['line\nbreak', 'кириллица'],
    CUSTOM_HEADER_: ['x'],
    CUSTOM_HEADER_CONTENT_LENGTH: ['5'],
    CUSTOM_HEADER_TRANSFER_ENCODING: ['chunked'],
    'CUSTOM_HEADER_A B': ['x'],
  };
  for (const [name, values] of Object.entries(unusable))
    for (const value of values)
      it(`refuses ${name}=${JSON.stringify(value)}, naming it and the mend`, () => {
        const message = refusalOf(() => readEnvironment({ [name]: value }));
        assert.ok(message.startsWith(`${name} `), message);
        assert.match(message, /correct or unset it\.$/);
      });
});

describe('OPENAI_BASE_URL', () => {
  const local = 'http://127.0.0.1:8000/v1';

  it('takes the place of the primary upstream, and its id and kind follow from the address', () => {
    assert.deepEqual(overlay({ OPENAI_BASE_URL: `${local}/` }).upstreams, [
      { id: 'openai', kind: 'openai-compatible', baseUrl: local, headers: {} },
    ]);
    const [primary] = overlay({ OPENAI_BASE_URL: 'https://other.api.cloud.ru/v1' }).upstreams;
    assert.deepEqual([primary?.id, primary?.kind], ['cloudru', 'cloudru']);
    const [fake] = overlay({ OPENAI_BASE_URL: 'https://notcloud.ru/v1' }).upstreams;
    assert.equal(fake?.kind, 'openai-compatible', 'notcloud.ru is not cloud.ru');
  });

  const file = {
    upstreams: [
      { id: 'mine', kind: 'openai-compatible', baseUrl: 'http://10.0.0.1/v1', headers: { 'X-Team': 'a' } },
      { id: 'cloudru', kind: 'cloudru', baseUrl: 'https://foundation-models.api.cloud.ru/v1', headers: { 'X-C': 'd' } },
    ],
    mapping: {
      big: [{ upstream: 'mine', model: 'm' }],
      patterns: [{ match: 'p*', to: { upstream: 'mine', model: 'm' } }],
    },
  };

  it('leaves the headers of the upstream it replaces behind, and its targets follow', () => {
    const settings = overlay({ OPENAI_BASE_URL: local }, file);
    assert.deepEqual(
      settings.upstreams.map(({ id }) => id),
      ['openai', 'cloudru'],
    );
    assert.deepEqual(settings.upstreams[0]?.headers, {});
    assert.deepEqual(settings.mapping.big, [{ upstream: 'openai', model: 'm' }]);
    assert.deepEqual(settings.mapping.patterns[0]?.to, { upstream: 'openai', model: 'm' });
  });

  it('brings an upstream of the same id to the front, with its headers', () => {
    const settings = overlay({ OPENAI_BASE_URL: 'https://new.cloud.ru/v1' }, file);
    assert.deepEqual(
      settings.upstreams.map(({ id }) => id),
      ['cloudru', 'mine'],
    );
    assert.deepEqual(settings.upstreams[0]?.headers, { 'X-C': 'd' });
    assert.deepEqual(settings.mapping.big, [{ upstream: 'mine', model: 'm' }]);
  });
});

describe('OLLAMA_MODEL and OLLAMA_BASE_URL', () => {
  const compose = (environment: NodeJS.ProcessEnv, file: unknown = {}): Settings =>
    composeSettings(settingsSchema.parse(file), readEnvironment(environment), { demo: false });
  const usual = { id: 'ollama', kind: 'ollama', baseUrl: 'http://127.0.0.1:11434', headers: {} };

  it('without them there is no fallback', () => {
    const { upstreams, standby } = compose({ OLLAMA_MODEL: '', OLLAMA_BASE_URL: '' });
    assert.deepEqual([upstreams.map(({ kind }) => kind), standby.model], [['cloudru'], null]);
  });

  it('a model alone brings Ollama at its usual address, behind the other upstreams', () => {
    const { upstreams, standby } = compose({ OLLAMA_MODEL: 'qwen3-coder:30b' });
    assert.equal(standby.model, 'qwen3-coder:30b');
    assert.equal(upstreams[0]?.kind, 'cloudru');
    assert.deepEqual(upstreams[1], usual);
    assert.deepEqual(compose({}, { standby: { model: 'm' } }).upstreams[1], usual, 'as a model in the file does');
  });

  it('an address without a model can be mapped to, and nothing stands by', () => {
    const { upstreams, standby } = compose({ OLLAMA_BASE_URL: 'http://10.0.0.2:11434/' });
    assert.deepEqual(upstreams[1], { ...usual, baseUrl: 'http://10.0.0.2:11434' });
    assert.equal(standby.model, null);
  });

  it('takes the address with the endings that other programs want', () => {
    for (const ending of ['', '/', '/v1', '/v1/', '/api'])
      assert.equal(
        compose({ OLLAMA_BASE_URL: `http://127.0.0.1:11434${ending}` }).upstreams[1]?.baseUrl,
        usual.baseUrl,
        ending,
      );
  });

  const file = {
    upstreams: [
      { id: 'cloudru', kind: 'cloudru', baseUrl: 'https://foundation-models.api.cloud.ru/v1' },
      { id: 'box', kind: 'ollama', baseUrl: 'http://10.0.0.1:11434', headers: { 'X-Box': 'secret' } },
    ],
    standby: { model: 'a', keepAlive: '-1s' },
  };

  it('wins over the file, and headers do not follow to another address', () => {
    const moved = compose({ OLLAMA_BASE_URL: 'http://10.0.0.2:11434', OLLAMA_MODEL: 'b' }, file);
    assert.deepEqual(moved.upstreams[1], { ...usual, id: 'box', baseUrl: 'http://10.0.0.2:11434' });
    assert.deepEqual(moved.standby, { model: 'b', keepAlive: '-1s', maxContext: null });
    const same = compose({ OLLAMA_BASE_URL: 'http://10.0.0.1:11434/v1' }, file);
    assert.deepEqual(same.upstreams[1]?.headers, { 'X-Box': 'secret' });
    assert.equal(same.standby.model, 'a');
  });

  it('leaves an upstream of another kind with the same id alone', () => {
    const taken = { upstreams: [{ id: 'ollama', kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:11434/v1' }] };
    assert.deepEqual(
      compose({ OLLAMA_MODEL: 'm' }, taken).upstreams.map(({ id, kind }) => [id, kind]),
      [
        ['ollama', 'openai-compatible'],
        ['ollama-native', 'ollama'],
      ],
    );
  });

  it('times that Ollama can not read are refused in the file', () => {
    const keep = (keepAlive: string) => settingsSchema.safeParse({ standby: { keepAlive } }).success;
    for (const time of ['30m', '1h30m', '0s', '-1s', '1.5h', '500ms']) assert.ok(keep(time), time);
    for (const time of ['30', '', 'for ever', '-1', '30 m', '5d']) assert.ok(!keep(time), time);
  });
});

describe('CUSTOM_HEADER_*', () => {
  it('adds headers to the primary upstream, over those of the same name in the file', () => {
    const file = {
      upstreams: [
        { id: 'a', kind: 'openai-compatible', baseUrl: 'http://a/v1', headers: { 'x-foo': 'old', 'X-Kept': 'yes' } },
        { id: 'b', kind: 'openai-compatible', baseUrl: 'http://b/v1' },
      ],
    };
    const settings = overlay({ CUSTOM_HEADER_X_FOO: 'bar', CUSTOM_HEADER_ACCEPT: 'a/b' }, file);
    assert.deepEqual(settings.upstreams[0]?.headers, { 'X-Kept': 'yes', 'X-Foo': 'bar', Accept: 'a/b' });
    assert.deepEqual(settings.upstreams[1]?.headers, {});
  });

  it('hands over what may be a key for the log to mask, with and without its scheme', () => {
    const { secrets } = readEnvironment({
      CUSTOM_HEADER_AUTHORIZATION: 'Basic dXNlcjpwYXNz',
      CUSTOM_HEADER_X_TEAM: 'red',
    });
    assert.deepEqual([...new Set(secrets)], ['Basic dXNlcjpwYXNz', 'dXNlcjpwYXNz']);
  });

  it('never quotes a value that it refuses', () => {
    const message = refusalOf(() => readEnvironment({ CUSTOM_HEADER_AUTHORIZATION: 'Bearer zq\nxw' }));
    assert.doesNotMatch(message, /zq|xw/);
  });
});

describe('the settings in force', () => {
  const compose = (environment: NodeJS.ProcessEnv, file: unknown = {}, flags = {}): Settings =>
    composeSettings(settingsSchema.parse(file), readEnvironment(environment), { demo: false, ...flags });

  it('are the flags over the environment', () => {
    const { server } = compose({ PORT: '1', HOST: 'localhost' }, {}, { port: 0, host: '::1' });
    assert.deepEqual([server.port, server.host], [0, '::1']);
  });

  it("lend a tier without a model its neighbour's where the presets' models do not exist", () => {
    const elsewhere = { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' };
    const one = compose({ ...elsewhere, BIG_MODEL: 'local' }).mapping;
    assert.deepEqual(
      [one.big, one.middle, one.small],
      [[{ model: 'local' }], [{ model: 'local' }], [{ model: 'local' }]],
    );
    const two = compose({ ...elsewhere, BIG_MODEL: 'b', SMALL_MODEL: 's' }).mapping;
    assert.deepEqual(two.middle, [{ model: 'b' }]);
    const three = compose({ ...elsewhere, SMALL_MODEL: 's', MIDDLE_MODEL: 'm' }).mapping;
    assert.deepEqual(three.big, [{ model: 'm' }]);
  });

  it('leave the other tiers to the preset on cloud.ru', () => {
    const { mapping } = compose({ BIG_MODEL: 'b' });
    assert.deepEqual([mapping.middle, mapping.small], [[], []]);
  });

  it('hold addresses without a slash at the end, wherever they come from', () => {
    const file = { upstreams: [{ id: 'a', kind: 'openai-compatible', baseUrl: 'http://a/v1//' }] };
    assert.equal(compose({}, file).upstreams[0]?.baseUrl, 'http://a/v1');
  });

  it('are refused where limits contradict each other, naming both', () => {
    const message = refusalOf(() => compose({ MIN_TOKENS_LIMIT: '500' }, { limits: { maxTokens: 100 } }));
    assert.match(message, /MIN_TOKENS_LIMIT.+500.+MAX_TOKENS_LIMIT.+100/);
  });

  it('are refused where a target names an upstream that is not there', () => {
    const message = refusalOf(() => compose({}, { mapping: { small: [{ upstream: 'cluodru', model: 'm' }] } }));
    assert.match(message, /"cluodru".+cloudru/);
  });
});
