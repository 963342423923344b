import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TokenRatios } from '../../../proxy/translate/token-ratio.ts';

describe('token ratios', () => {
  it('leave a count as it is until an upstream has told its own', () => {
    assert.equal(new TokenRatios().correct('m', 1234), 1234);
  });

  it('correct by what the upstream counted, per model', () => {
    const ratios = new TokenRatios();
    ratios.learn('m', 1000, 1200);
    assert.equal(ratios.correct('m', 10_000), 12_000);
    assert.equal(ratios.correct('other', 10_000), 10_000);
  });

  it('settle on a mean and follow a change', () => {
    const ratios = new TokenRatios();
    ratios.learn('m', 1000, 1100);
    ratios.learn('m', 1000, 1300);
    assert.equal(ratios.correct('m', 1000), 1200);
    for (let sample = 0; sample < 40; sample += 1) ratios.learn('m', 1000, 900);
    assert.equal(ratios.correct('m', 1000), 900);
  });

  it('do not learn from short prompts', () => {
    const ratios = new TokenRatios();
    ratios.learn('m', 500, 900);
    assert.equal(ratios.correct('m', 1000), 1000);
  });

  it('keep within half and double', () => {
    const ratios = new TokenRatios();
    ratios.learn('low', 1000, 300);
    ratios.learn('high', 1000, 3000);
    assert.equal(ratios.correct('low', 1000), 500);
    assert.equal(ratios.correct('high', 1000), 2000);
  });

  it('ignore a usage that can not be about the prompt', () => {
    const ratios = new TokenRatios();
    for (const actual of [0, 1, 100, 100_000, NaN, Infinity, -5]) ratios.learn('m', 1000, actual);
    for (const estimated of [NaN, 0, Infinity, -1000]) ratios.learn('m', estimated, 1000);
    assert.equal(ratios.correct('m', 1000), 1000);
  });

  it('forget the model that was not heard of for longest', () => {
    const ratios = new TokenRatios();
    ratios.learn('first', 1000, 1500);
    ratios.learn('second', 1000, 1500);
    for (let model = 0; model < 198; model += 1) ratios.learn(`m${model}`, 1000, 1500);
    ratios.learn('first', 1000, 1500);
    ratios.learn('last', 1000, 1500);
    assert.equal(ratios.correct('first', 1000), 1500);
    assert.equal(ratios.correct('second', 1000), 1000);
  });
});
