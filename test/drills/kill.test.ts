import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attemptsOf, exchangeLines, judgeStatus, until } from './drill-gateway.ts';
import {
  Conversation,
  type Exchanged,
  holdStreams,
  type KillScene,
  keepAsking,
  startKillScene,
  wasShut,
} from './kill.ts';

const streams = 10;

function startConversations(scene: KillScene): Conversation[] {
  return Array.from({ length: streams }, (_, index) => new Conversation(scene, `session-${index}`));
}

async function round(conversations: readonly Conversation[]): Promise<Exchanged[]> {
  return Promise.all(conversations.map((conversation) => conversation.next()));
}

function assertSound(exchanges: readonly Exchanged[], scene: KillScene): void {
  assert.deepEqual(
    exchanges.flatMap(({ wrong }) => wrong),
    [],
  );
  assert.deepEqual(
    exchanges.flatMap(({ before, after }) => [...judgeStatus(before), ...judgeStatus(after)]),
    [],
  );
  assert.deepEqual(scene.world.oddities, []);
}

function modelsOf(exchanges: readonly Exchanged[]): (boolean | undefined)[] {
  return exchanges.map(({ ask }) => ask.scene.served.at(-1)?.local);
}

describe('cloud.ru killed under ten streams', () => {
  it('no exchange fails, and a dead cloud.ru is asked no more', async () => {
    // The breaker stays open for the rest of the test: no trial, and no probe, mixes in.
    await using scene = await startKillScene({ cooldownMs: 60_000, probeIntervalMs: 60_000 });
    const { cloud, gateway } = scene;
    const conversations = startConversations(scene);
    const atHome = [...(await round(conversations)), ...(await round(conversations))];
    assertSound(atHome, scene);
    assert.ok(modelsOf(atHome).every((local) => local === false));

    const hold = holdStreams(cloud, streams);
    const broken = round(conversations);
    await hold.held;
    await cloud.kill();
    hold.release();
    const takenOver = await broken;
    assertSound(takenOver, scene);
    for (const { ask, seen } of takenOver) {
      assert.deepEqual(
        ask.scene.served.map(({ local, continued }) => ({ local, continued })),
        [
          { local: false, continued: false },
          { local: true, continued: true },
        ],
      );
      const line = exchangeLines(gateway).find(({ exchange }) => exchange === seen.exchange);
      assert.equal(line?.attempts, 2);
    }
    const opened = gateway.status();
    assert.equal(opened.upstreams.find(({ local }) => !local)?.state, 'open');
    assert.equal(opened.state, 'failed-over');
    assert.equal(opened.active?.upstream, 'ollama');
    assert.equal(opened.counts.afterCommit, streams);
    assert.equal(opened.counts.switches, 1);

    // Turns that go on, and turns that are new.
    const away: Exchanged[] = [];
    for (let turn = 0; turn < 4; turn += 1) away.push(...(await round(conversations)));
    assertSound(away, scene);
    for (const exchanged of away) {
      assert.ok(wasShut(exchanged));
      const line = exchangeLines(gateway).find(({ exchange }) => exchange === exchanged.seen.exchange);
      assert.deepEqual([line?.upstream, line && attemptsOf(line)], ['ollama', 1]);
    }
    const { counts } = gateway.status();
    assert.equal(counts.attempts, counts.good + counts.bad + counts.neutral);
    assert.equal(counts.bad, streams);
  });

  it('traffic returns to a revived cloud.ru without a failed request', async () => {
    await using scene = await startKillScene({ cooldownMs: 200, cooldownMaxMs: 400, probeIntervalMs: 100 });
    const { cloud, gateway } = scene;
    const conversations = startConversations(scene);
    assertSound(await round(conversations), scene);
    const hold = holdStreams(cloud, streams);
    const broken = round(conversations);
    await hold.held;
    await cloud.kill();
    hold.release();
    assertSound(await broken, scene);
    await until(gateway, 'the switch', ({ state }) => state === 'failed-over');
    // An outage that is longer than the first cooldown: trials fail, and no client hears of it.
    const dead = await keepAsking(conversations, gateway, ({ counts, upstreams }) => {
      const [upstream] = upstreams;
      return counts.afterCommit >= streams && (upstream?.retryAt ?? 0) - Date.now() > 200;
    });
    assertSound(dead, scene);

    const askedBefore = cloud.asked.exchanges;
    await cloud.revive();
    const returning = await keepAsking(conversations, gateway, ({ state }) => state === 'healthy');
    assertSound(returning, scene);
    // A turn, three requests long, is finished where it is; the next one is at home.
    for (let turn = 0; turn < 3; turn += 1) assertSound(await round(conversations), scene);
    const last = await round(conversations);
    assertSound(last, scene);
    assert.ok(modelsOf(last).every((local) => local === false));
    assert.ok(cloud.asked.exchanges >= askedBefore + streams);
    const states = gateway.status().events.flatMap((event) => (event.kind === 'state-changed' ? [event.to] : []));
    const sinceAway = states.slice(states.indexOf('failed-over'));
    assert.ok(sinceAway.includes('recovering'), String(states));
    assert.equal(sinceAway.at(-1), 'healthy');
    const switches = gateway.status().events.filter(({ kind }) => kind === 'target-switched');
    assert.equal(switches.length, 2, switches.map(({ sentence }) => sentence).join('\n'));
    const { counts } = gateway.status();
    assert.equal(counts.attempts, counts.good + counts.bad + counts.neutral);
  });
});
