import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Failure, OutcomeWindow } from '../../../proxy/failover/outcome-window.ts';
import { findTrip, isWorrying } from '../../../proxy/failover/trip.ts';

const rules = { consecutive: 3, share: 0.5, atLeast: 8 };
const failure: Failure = { kind: 'upstream-failed', status: 503, model: 'a' };
const ofOther: Failure = { ...failure, model: 'b' };
const ofAll: Failure = { kind: 'upstream-unreachable', status: null, model: null };

/** g: good, b: bad, L: a list came, l: a list did not come. */
function windowOf(text: string, from = 0): OutcomeWindow {
  const window = new OutcomeWindow();
  [...text].forEach((letter, index) => {
    const weight = letter.toLowerCase() === 'l' ? 'list' : 'answer';
    window.push(from + index, letter === 'g' || letter === 'L' ? null : failure, weight);
  });
  return window;
}

describe('when a breaker opens', () => {
  const cases: [outcomes: string, trips: boolean, why: string][] = [
    ['', false, 'nothing happened'],
    ['bb', false, 'two in a row'],
    ['bbb', true, 'three in a row'],
    ['bbgb', false, 'a success in between'],
    ['ggggggggggggggggggggbbb', true, 'old successes hide nothing'],
    ['gbgbgbg', false, 'three of seven'],
    ['gbgbgbgb', true, 'half of eight'],
    ['ggbgbgbgb', false, 'four of nine'],
    ['bLbLb', true, 'a list that came is no answer'],
    ['lll', true, 'no list three times'],
    ['llLl', false, 'a list undoes missing lists'],
    ['blLb', false, 'and not missing answers'],
    ['blb', true, 'a missing list counts with missing answers'],
    ['llg', false, 'an answer undoes missing lists'],
    ['gbLgbLgbLgb', true, 'lists do not thin failures out'],
  ];
  for (const [outcomes, trips, why] of cases)
    it(`${outcomes || 'nothing'}: ${trips ? 'opens' : 'stays'} (${why})`, () => {
      assert.equal(findTrip(windowOf(outcomes), rules, null) !== undefined, trips);
    });

  it('forgets what is older than the window', () => {
    const window = windowOf('bb');
    window.push(120_001, failure);
    window.prune(120_001, 120_000);
    assert.deepEqual(window.tally(), { failures: [failure, failure], n: 2 });
    assert.equal(findTrip(window, rules, null), undefined);
  });

  it('keeps a bounded number of outcomes, the newest', () => {
    const window = windowOf('b'.repeat(50) + 'g'.repeat(1000));
    assert.equal(window.tally().n, 256);
    assert.deepEqual(window.tally().failures, []);
  });

  it('one model alone does not condemn an upstream that has others', () => {
    const window = windowOf('bbb');
    assert.notEqual(findTrip(window, rules, 1), undefined, 'there is no other');
    assert.equal(findTrip(window, rules, 2), undefined);
    window.push(9, ofOther);
    assert.equal(findTrip(window, rules, 2)?.length, 4, 'a second model fails as well');
    const unreachable = windowOf('bb');
    unreachable.push(9, ofAll);
    assert.notEqual(findTrip(unreachable, rules, 2), undefined, 'the way to the server is gone');
  });

  it('worries from the first failure until a success, and longer where failures are many', () => {
    const worries = ['b', 'ggggb', 'gbgbg', 'bbg'];
    const calm = ['', 'g', 'ggbg', 'ggggggbgggbgg'];
    for (const outcomes of worries) assert.equal(isWorrying(windowOf(outcomes), rules), true, outcomes);
    for (const outcomes of calm) assert.equal(isWorrying(windowOf(outcomes), rules), false, outcomes);
  });
});
