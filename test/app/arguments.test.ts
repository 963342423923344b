import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommand } from '../../app/arguments.ts';

describe('the command line', () => {
  const sound: [words: string, command: object][] = [
    ['serve', { name: 'serve', demo: false, dashboard: false }],
    ['serve --port 0', { name: 'serve', demo: false, dashboard: false, port: 0 }],
    [
      'serve --port=65535 --host ::1 --data d --demo',
      { name: 'serve', demo: true, dashboard: false, port: 65_535, host: '::1', data: 'd' },
    ],
    ['serve --dashboard', { name: 'serve', demo: false, dashboard: true }],
    ['serve --dashboard 8083 --demo', { name: 'serve', demo: true, dashboard: true }],
    ['serve --dashboard --port 1', { name: 'serve', demo: false, dashboard: true, port: 1 }],
    ['serve --dashboard=0', { name: 'serve', demo: false, dashboard: true }],
    ['key', { name: 'key' }],
    ['key --data d', { name: 'key', data: 'd' }],
    ['key set cloudru', { name: 'key set', upstream: 'cloudru' }],
    ['key set cloudru --data d', { name: 'key set', upstream: 'cloudru', data: 'd' }],
    ['help', { name: 'help' }],
    ['--help', { name: 'help' }],
    ['-h', { name: 'help' }],
    ['serve --help', { name: 'help' }],
    ['--version', { name: 'version' }],
  ];
  for (const [words, command] of sound)
    it(`takes: ${words}`, () => assert.deepEqual(readCommand(words.split(' ')), command));

  const wrong: [words: string[], names: RegExp][] = [
    [[], /command is missing/],
    [['logs'], /no command "logs".+serve, status, mode, key and help/],
    [['mode'], /auto, cloud and local/],
    [['mode', 'sideways'], /auto, cloud and local/],
    [['mode', 'auto', 'cloud'], /auto, cloud and local/],
    [['status', '--yaml'], /--yaml/],
    [['constructor'], /no command "constructor"/],
    [['serve', '--prot', '1'], /--prot/],
    [['serve', '--port'], /--port/],
    [['serve', '--port', 'abc'], /--port must be .+"abc"/],
    [['serve', '--port', '-1'], /--port/],
    [['serve', '--port='], /--port must be/],
    [['serve', '--port', '65536'], /--port must be/],
    [['serve', '--dashboard', 'abc'], /abc/],
    [['serve', '--dashboard', '70000'], /--dashboard must be/],
    [['serve', '--host', ''], /--host/],
    [['serve', '--data', ''], /--data/],
    [['serve', '--demo=yes'], /--demo/],
    [['serve', 'extra'], /extra/],
    [['key', 'get'], /"set" only, not "get"/],
    [['key', 'set'], /needs the upstream/],
    [['key', 'set', 'Cloud RU'], /cannot be an upstream/],
    [['key', 'set', 'cloudru', 'zqxw'], /standard input/],
    [['key', '--data', ''], /--data/],
  ];
  for (const [words, names] of wrong)
    it(`refuses: ${words.join(' ')}`, () => {
      const command = readCommand(words);
      assert.ok('problem' in command, JSON.stringify(command));
      assert.match(command.problem, names);
      assert.doesNotMatch(command.problem, /\n|zqxw/);
    });
});
