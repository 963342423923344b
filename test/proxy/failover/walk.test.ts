import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StrelkaError } from '../../../proxy/errors.ts';
import { type Asked, glm, local, oss, Supervised } from '../../fakes/supervised.ts';

/** The models of a whole walk whose attempts all fail so. */
function order(supervised: Supervised, asked: Asked = {}): string[] {
  const walk = supervised.walk(asked);
  const models: string[] = [];
  for (let ticket = walk.next(); ticket; ticket = walk.next()) {
    models.push(ticket.target.model);
    ticket.settle({ result: 'bad', kind: 'rate-limited', afterCommit: false });
  }
  return models;
}

function refusal(act: () => unknown): StrelkaError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof StrelkaError, String(error));
    return error;
  }
  return assert.fail('nothing was refused');
}

describe('the targets of an exchange', () => {
  it('are the route’s in order, each once, and the standby last', () => {
    assert.deepEqual(order(new Supervised(), { targets: [glm, oss, glm] }), ['glm', 'oss', 'qwen']);
    assert.deepEqual(order(new Supervised({ fallback: undefined })), ['glm']);
    assert.deepEqual(order(new Supervised(), { targets: [local, glm] }), ['qwen', 'glm'], 'where the user says so');
  });

  it('follow the mode', () => {
    for (const [mode, models] of Object.entries({ auto: ['glm', 'qwen'], cloud: ['glm'], local: ['qwen'] }))
      assert.deepEqual(order(new Supervised({ settings: { mode } })), models, mode);
  });

  it('in mode cloud, stay in the cloud though everything fails there', () => {
    const supervised = new Supervised({ settings: { mode: 'cloud' } });
    supervised.fail('upstream-unreachable', 5);
    assert.deepEqual(order(supervised), ['glm']);
  });

  it('follow a mode that changes between two exchanges, at once', () => {
    const supervised = new Supervised();
    supervised.settings.mode = 'local';
    assert.equal(supervised.peek(), 'qwen');
    supervised.settings.mode = 'auto';
    assert.equal(supervised.peek(), 'glm');
  });

  it('pass over a standby that is not ready, but for want of anything else', () => {
    const supervised = new Supervised();
    supervised.ready = false;
    assert.equal(supervised.walk().next()?.target.model, 'glm');
    supervised.settings.mode = 'local';
    const ticket = supervised.take();
    assert.deepEqual([ticket.target.model, ticket.lastResort], ['qwen', true]);
  });

  it('pass over what is open', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-unreachable', 3);
    assert.deepEqual(order(supervised, { targets: [glm, oss] }), ['qwen', 'glm'], 'the last one is the last resort');
  });

  it('begin with a model’s neighbour where only the model fails', () => {
    const supervised = new Supervised({ tiers: { big: [glm, oss] } });
    supervised.fail('upstream-failed', 3, 503);
    assert.equal(supervised.peek(), 'oss');
    assert.equal(supervised.breaker('cloudru'), 'degraded');
    supervised.fail('upstream-failed', 1, 503);
    assert.equal(supervised.breaker('cloudru'), 'open', 'the neighbour fails too');
    assert.equal(supervised.peek(), 'qwen');
  });
});

describe('the last resort', () => {
  it('is the target whose trial is due soonest, once an exchange', () => {
    const supervised = new Supervised({ tiers: { big: [glm] } });
    supervised.settings.mode = 'local';
    supervised.fail('upstream-unreachable', 3);
    supervised.settings.mode = 'auto';
    supervised.now = 1_000;
    supervised.fail('upstream-unreachable', 3);
    const walk = supervised.walk();
    const ticket = walk.next();
    assert.deepEqual([ticket?.target.model, ticket?.lastResort, ticket?.trial], ['qwen', true, false]);
    ticket?.settle({ result: 'bad', kind: 'upstream-unreachable', afterCommit: false });
    assert.equal(walk.next(), undefined);
  });

  it('is a refused key only where nothing else is left, and before a standby that is not ready', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-key-refused');
    assert.equal(supervised.peek(), 'qwen');
    supervised.ready = false;
    assert.deepEqual(order(supervised), ['glm']);
  });

  it('is never what is held open by hand', () => {
    const supervised = new Supervised({ fallback: undefined });
    supervised.supervisor.hold({ target: glm }, 'open');
    const error = refusal(() => supervised.walk().next());
    assert.equal(error.kind, 'no-target');
    assert.match(error.message, /by hand/);
  });
});

describe('an exchange without a target', () => {
  it('is told which setting to change', () => {
    const localOnly = new Supervised({ settings: { mode: 'local' }, fallback: undefined });
    assert.match(refusal(() => localOnly.walk().next()).message, /mode is local.+OLLAMA_MODEL/);
    const cloudOnly = new Supervised({ settings: { mode: 'cloud' } });
    assert.match(refusal(() => cloudOnly.walk({ targets: [local] }).next()).message, /mode is cloud/);
    assert.equal(cloudOnly.supervisor.status().counts.attempts, 0);
  });
});

describe('context windows', () => {
  const windows = { glm: 1_000, oss: 2_000, qwen: 500 };

  it('a target that cannot hold the request is passed over', () => {
    const asked = { targets: [glm, oss], windows };
    assert.deepEqual(order(new Supervised(), { ...asked, needed: 1_000 }), ['glm', 'oss']);
    assert.deepEqual(order(new Supervised(), { ...asked, needed: 1_001 }), ['oss']);
  });

  it('where none can, the answer names the largest', () => {
    const error = refusal(() => new Supervised().walk({ targets: [glm, oss], windows, needed: 2_001 }).next());
    assert.equal(error.kind, 'prompt-too-long');
    assert.equal(error.message, 'prompt is too long: 2001 tokens > 2000 maximum');
  });

  it('where the one that could is out of use, it is tried once, then the largest that is left is named', () => {
    const supervised = new Supervised();
    supervised.fail('upstream-unreachable', 3);
    const walk = supervised.walk({ windows, needed: 800 });
    const ticket = walk.next();
    assert.deepEqual([ticket?.target.model, ticket?.lastResort], ['glm', true]);
    ticket?.settle({ result: 'bad', kind: 'upstream-unreachable', afterCommit: false });
    assert.equal(refusal(() => walk.next()).message, 'prompt is too long: 800 tokens > 500 maximum');
  });

  it('one failure of the one that could is no reason to compact', () => {
    const walk = new Supervised().walk({ windows, needed: 800 });
    walk.next()?.settle({ result: 'bad', kind: 'upstream-failed', afterCommit: false });
    assert.equal(walk.next(), undefined);
  });

  it('a standby that is not ready names no window', () => {
    const supervised = new Supervised();
    supervised.ready = false;
    supervised.fail('upstream-unreachable', 3);
    const walk = supervised.walk({ windows, needed: 800 });
    walk.next()?.settle({ result: 'bad', kind: 'upstream-unreachable', afterCommit: false });
    assert.equal(walk.next(), undefined);
  });
});

describe('a conversation that was moved', () => {
  const asked = { session: 's', newTurn: false };

  /** Moved to the standby by one failure; cloud.ru itself is well. */
  function moved(): Supervised {
    const supervised = new Supervised();
    const walk = supervised.walk({ session: 's' });
    walk.next()?.settle({ result: 'bad', kind: 'upstream-failed', afterCommit: true });
    walk.next()?.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
    return supervised;
  }

  it('stays with its stand-in until its turn ends', () => {
    const supervised = moved();
    supervised.succeed(3, asked);
    assert.equal(supervised.peek(asked), 'qwen');
    assert.equal(supervised.peek({ session: 'other', newTurn: false }), 'glm');
    assert.equal(supervised.peek({ session: 's', newTurn: true }), 'glm');
    assert.equal(supervised.peek(asked), 'glm', 'the turn that began elsewhere stays there');
  });

  it('goes home after five minutes all the same', () => {
    const supervised = moved();
    supervised.now = 299_999;
    assert.equal(supervised.peek(asked), 'qwen');
    supervised.now = 300_000;
    assert.equal(supervised.peek(asked), 'glm');
  });

  it('is not brought back by a background request of the same session', () => {
    const supervised = moved();
    supervised.succeed(1, { targets: [oss], session: 's', newTurn: true });
    assert.equal(supervised.peek(asked), 'qwen');
  });

  it('is not held by a stand-in that fails, by the mode, or by a window', () => {
    const broken = moved();
    broken.supervisor.hold({ target: local }, 'open');
    assert.equal(broken.peek(asked), 'glm');
    const cloud = moved();
    cloud.settings.mode = 'cloud';
    assert.equal(cloud.peek(asked), 'glm');
    assert.equal(moved().peek({ ...asked, needed: 900, windows: { glm: 1_000, qwen: 500 } }), 'glm');
  });

  it('is no trial of its stand-in either', () => {
    const supervised = moved();
    for (let time = 0; time < 3; time += 1)
      supervised.take(asked).settle({ result: 'bad', kind: 'answer-empty', afterCommit: false });
    supervised.now = 20_000;
    assert.equal(supervised.peek(asked), 'glm');
  });

  it('stays at home where its stand-in failed and home answered', () => {
    const supervised = moved();
    const walk = supervised.walk(asked);
    walk.next()?.settle({ result: 'bad', kind: 'answer-empty', afterCommit: false });
    walk.next()?.settle({ result: 'good', ttftMs: 1, totalMs: 1 });
    assert.equal(supervised.peek(asked), 'glm');
  });

  it('is no trial of the primary', () => {
    const supervised = moved();
    supervised.fail('upstream-unreachable', 3);
    supervised.now = 20_000;
    assert.equal(supervised.peek(asked), 'qwen');
    assert.equal(supervised.take().trial, true);
  });
});
