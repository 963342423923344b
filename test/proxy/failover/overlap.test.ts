import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OverlapCutter } from '../../../proxy/failover/overlap.ts';

function join(sent: string, pieces: Iterable<string>): string {
  const cutter = new OverlapCutter(sent);
  let text = sent;
  for (const piece of pieces) text += cutter.write(piece);
  return text + cutter.end();
}

const sent = 'The fix is in the parser: it reads the header twice and then ';

const continuations: [string, string, string][] = [
  ['goes on', 'drops the body.', `${sent}drops the body.`],
  ['writes the blank again that was sent', ' drops the body.', `${sent}drops the body.`],
  ['repeats the last words', 'it reads the header twice and then drops the body.', `${sent}drops the body.`],
  ['starts anew', `${sent}drops the body.`, `${sent}drops the body.`],
  ['starts anew after a line break', `\n\n${sent}drops the body.`, `${sent}drops the body.`],
  ['begins like the text but is another sentence', 'The fixture is fine.', `${sent}The fixture is fine.`],
  ['shares a short word by chance', 'then it stops.', `${sent}then it stops.`],
  ['is empty', '', sent],
];

describe('the overlap of a continuation', () => {
  for (const [title, continuation, whole] of continuations) {
    it(`is cut where it ${title}`, () => assert.equal(join(sent, [continuation]), whole));
    it(`is cut the same when it comes in single characters and ${title}`, () =>
      assert.equal(join(sent, continuation), whole));
  }

  it('leaves at once what can be no repetition', () => {
    const cutter = new OverlapCutter(sent);
    assert.equal(cutter.write('x'), 'x');
    assert.equal(cutter.write('The fix'), 'The fix');
  });

  it('holds nothing where nothing was sent', () => {
    assert.equal(new OverlapCutter('').write(' a'), ' a');
  });

  it('stays quick over long texts', () => {
    const long = 'word '.repeat(20_000);
    assert.equal(join(long, ['other ', 'things']), `${long}other things`);
  });
});
