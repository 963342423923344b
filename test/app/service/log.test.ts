import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog, type ServiceLog } from '../../../app/service/log.ts';
import type { LogLevel } from '../../../proxy/log.ts';

function logTo(lines: string[], level: LogLevel = 'debug'): ServiceLog {
  return createLog({ level, write: (line) => lines.push(line), now: () => new Date('2026-11-20T21:43:01.5Z') });
}

function lineOf(act: (log: ServiceLog) => void): string {
  const lines: string[] = [];
  act(logTo(lines));
  assert.equal(lines.length, 1);
  return lines[0] ?? '';
}

describe('the log', () => {
  it('writes time, level, message and fields on one line', () => {
    const line = lineOf((log) =>
      log.warn('It happened.', {
        model: 'a/b',
        note: 'two words',
        count: 3,
        ok: true,
        gone: undefined,
        none: null,
        empty: '',
      }),
    );
    assert.equal(
      line,
      '2026-11-20T21:43:01.500Z warn  It happened. model=a/b note="two words" count=3 ok=true none=null empty=""\n',
    );
  });

  it('cannot be made to hold a forged line or a control sequence', () => {
    const line = lineOf((log) =>
      log.info('a\nb\r\u001b[31m\u2028', { field: 'x\n2026 error y\u001b[2J', other: 'z\u0085' }),
    );
    assert.equal(line.indexOf('\n'), line.length - 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    assert.doesNotMatch(line.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  });

  it('obeys its level, and a change of it at once; a notice always comes', () => {
    const lines: string[] = [];
    const log = logTo(lines, 'warn');
    const all = (): void => {
      log.debug('d');
      log.info('i');
      log.warn('w');
      log.error('e');
    };
    all();
    log.setLevel('debug');
    all();
    log.setLevel('error');
    all();
    log.notice('n');
    assert.equal(lines.map((line) => line.trimEnd().at(-1)).join(''), 'wediween');
  });
});

describe('keys in the log', () => {
  const secret = 'Zm9vYmFyLXNlY3JldA+/$1.*';

  it('are masked in messages and fields once they are known', () => {
    const lines: string[] = [];
    const log = logTo(lines);
    log.protect(['', secret, `${secret}-longer`]);
    log.info(`sent ${secret} and ${secret}-longer`, { header: `k=${secret}`, url: `http://h/?key=${secret}&a=1` });
    assert.ok(!lines.join('').includes('Zm9v'), lines[0]);
    assert.ok(!lines.join('').includes('-longer'), 'the tail of a longer key stays hidden');
    assert.ok(lines[0]?.includes('sent *** and *** '), lines[0]);
  });

  it('are masked as whole words where they are short, and other words stay whole', () => {
    const lines: string[] = [];
    const log = logTo(lines);
    log.protect(['test']);
    log.info('the latest test, (test) "test" contest');
    assert.ok(lines[0]?.includes('the latest ***, (***) "***" contest'), lines[0]);
  });

  const unregistered: Record<string, string> = {
    'a bearer header': 'authorization: Bearer zqxwzqxw.zqxw',
    'a bearer header in JSON': '{"Authorization":"Bearer zqxwzqxw"}',
    'a basic header': 'Basic zqxwOnpxeHc=',
    'an OpenAI key': 'the key sk-proj-zqxwzqxwzqxw was refused',
    'an Anthropic key': 'sk-ant-api03-zqxw_zqxw-zqxw',
    'a client key of ours': `strelka-${'zqxw'.repeat(8)}`,
    'an x-api-key header': 'x-api-key: zqxwzqxw',
    'an x-api-key in JSON': '{"x-api-key":"zqxwzqxw"}',
    'an api_key parameter': 'GET /?api_key=zqxwzqxw',
    'a password in an address': 'http://user:zqxw@proxy:3128/',
  };
  for (const [title, text] of Object.entries(unregistered))
    it(`are masked unregistered: ${title}`, () => {
      assert.doesNotMatch(
        lineOf((log) => log.error(text)),
        /zqxw/,
      );
      assert.doesNotMatch(
        lineOf((log) => log.error('m', { detail: text })),
        /zqxw/,
      );
    });

  it('are masked by the name of their field', () => {
    for (const name of ['authorization', 'X-API-Key', 'apiKey', 'token', 'Cookie'])
      assert.doesNotMatch(
        lineOf((log) => log.info('m', { [name]: 'zqxw' })),
        /zqxw/,
      );
  });

  it('are not seen in harmless text', () => {
    const text = 'strelka-desk, ask-me-anything, task-1234567890, the bearer of news, inputTokens, https://h/v1@2';
    const line = lineOf((log) => log.info('m', { text, inputTokens: 5 }));
    assert.ok(line.includes('strelka-desk, ask-me-anything, task-1234567890'), line);
    assert.ok(line.includes('inputTokens=5') && line.includes('https://h/v1@2'), line);
  });
});
