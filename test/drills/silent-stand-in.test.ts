import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ask } from './client.ts';
import { startDrillGateway, startLocalModel } from './drill-gateway.ts';
import { type Fault, faults } from './faults.ts';
import { startFaultyCloud } from './faulty-cloud.ts';
import { judge } from './judge.ts';
import { World } from './world.ts';

/** cloud.ru breaks off, and the local model, asked to go on, says nothing. */
async function drill(fault: Fault, text: string): Promise<{ seen: Awaited<ReturnType<typeof ask>>; wrong: string[] }> {
  const world = new World();
  await using cloud = await startFaultyCloud(world);
  await using ollama = await startLocalModel(world, () => ({ name: 'says nothing', change: { text: '' } }));
  cloud.choose = () => fault;
  const gateway = await startDrillGateway({ cloud: cloud.baseUrl, ollama });
  try {
    const question = { door: 'messages', streamed: true, scene: world.begin(() => ({ text, calls: 0 })) } as const;
    const seen = await ask(gateway.url, question);
    return {
      seen,
      wrong: [...seen.violations, ...world.oddities, ...(seen.kind === 'error' ? judge(question, seen) : [])],
    };
  } finally {
    await gateway.drain(0);
  }
}

const cut = faults.find(({ name }) => name === 'end in the stream, after commit');

it('silence behind a finished sentence ends the answer', async () => {
  assert.ok(cut);
  const { seen, wrong } = await drill(cut, 'All is done here now.');
  assert.deepEqual(wrong, []);
  assert.deepEqual([seen.kind, seen.text, seen.stopReason], ['message', 'All is done here now.', 'end_turn']);
});

it('silence in the middle of a sentence is no answer: the client is told to ask again', async () => {
  assert.ok(cut);
  const { seen, wrong } = await drill(cut, 'All is done, but for one thing that has to wait.');
  assert.deepEqual(wrong, []);
  assert.deepEqual([seen.kind, seen.begun], ['error', true]);
});
