import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Told } from '../../../proxy/failover/told.ts';

function tell(text: string): Told {
  const told = new Told();
  told.note([{ type: 'text', text }]);
  return told;
}

describe('what was told', () => {
  for (const whole of [
    'It is done.',
    'Is it?',
    'Done!\n',
    'He said "yes."',
    'Готово…',
    '(See **above**.)',
    '```\ncode\n```',
  ])
    it(`may be all there was to say: ${JSON.stringify(whole)}`, () => assert.ok(tell(whole).seemsWhole));

  for (const half of ['It is', 'I read the file:', 'Steps: 1, 2,', '', '- first', '```js\nconst a = 1;'])
    it(`is only a beginning: ${JSON.stringify(half)}`, () => assert.ok(!tell(half).seemsWhole));
});
