import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversations, lotOf } from '../../../proxy/failover/conversations.ts';

const here = { upstream: 'ollama', model: 'a' };
const there = { upstream: 'ollama', model: 'b' };

describe('conversations', () => {
  it('stay from the move on for the time given, however often the stand-in answers', () => {
    const conversations = new Conversations();
    conversations.move('one', here, 1_000);
    conversations.move('one', { ...here }, 200_000);
    assert.deepEqual(conversations.standInOf('one', 300_999, 300_000), here);
    assert.equal(conversations.standInOf('one', 301_000, 300_000), undefined);
    assert.equal(conversations.standInOf('two', 0, 300_000), undefined);
  });

  it('begin a new stay with another stand-in', () => {
    const conversations = new Conversations();
    conversations.move('one', here, 0);
    conversations.move('one', there, 200_000);
    assert.deepEqual(conversations.standInOf('one', 400_000, 300_000), there);
    conversations.release('one');
    assert.equal(conversations.standInOf('one', 400_000, 300_000), undefined);
  });

  it('are bounded in number: the one moved first is forgotten', () => {
    const conversations = new Conversations();
    for (let index = 0; index <= 1000; index += 1) conversations.move(`${index}`, here, 0);
    assert.equal(conversations.standInOf('0', 0, 1), undefined);
    assert.deepEqual(conversations.standInOf('1', 0, 1), here);
    assert.deepEqual(conversations.standInOf('1000', 0, 1), here);
  });
});

describe('lots', () => {
  it('are the same each time and spread evenly', () => {
    const lots = Array.from({ length: 4_000 }, (_, index) => lotOf(`session-${index}`));
    assert.equal(lotOf('session-7'), lots[7]);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const lot of lots) {
      assert.ok(lot >= 0 && lot < 1);
      tenths[Math.floor(lot * 10)] = (tenths[Math.floor(lot * 10)] ?? 0) + 1;
    }
    for (const count of tenths) assert.ok(count > 300 && count < 500, String(tenths));
  });
});
