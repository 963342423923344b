import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { watchNpm } from '../../app/parent.ts';

describe('the watch over npm', () => {
  it('tells once when the parent is another one', (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] });
    let parent = 100;
    let told = 0;
    watchNpm(
      { npm_lifecycle_event: 'start' },
      () => told++,
      () => parent,
    );
    test.mock.timers.tick(60_000);
    assert.equal(told, 0);
    parent = 1;
    test.mock.timers.tick(60_000);
    assert.equal(told, 1);
  });

  it('is not kept where npm did not start the process: that may outlive its parent', (test) => {
    test.mock.timers.enable({ apis: ['setInterval'] });
    let parent = 100;
    watchNpm(
      {},
      () => assert.fail('told'),
      () => parent,
    );
    parent = 1;
    test.mock.timers.tick(60_000);
  });
});
