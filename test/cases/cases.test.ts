import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CaseUpstream, type Cut, startCaseUpstream } from '../fakes/case-upstream.ts';
import { post, startTestGateway, type TestGateway } from '../fakes/gateway.ts';
import { type FailureCase, readCases } from './case.ts';
import { meets } from './expectation.ts';
import { type Observation, observe } from './observe.ts';

let upstream: CaseUpstream;
let gateway: TestGateway;

before(async () => {
  upstream = await startCaseUpstream();
  gateway = await startTestGateway(upstream.baseUrl);
});

after(async () => {
  await gateway.drain(0);
  await upstream.close();
});

async function run(sample: FailureCase, cut: Cut): Promise<Observation> {
  upstream.play(sample, cut);
  const response = await post(gateway, '/v1/messages', sample.request);
  return observe(response.status, response.headers.get('content-type') ?? '', await response.text(), sample.stream);
}

const samples = await readCases();
const expectations = (sample: FailureCase) => (sample.expect ? [sample.expect] : (sample.expect_any ?? []));

for (const cut of ['frames', 'bytes'] as const)
  describe(`failure cases, cut into ${cut}`, () => {
    for (const sample of samples)
      it(`${sample.id}: ${sample.title}`, async () => {
        const seen = await run(sample, cut);
        assert.deepEqual(seen.violations, []);
        assert.ok(
          expectations(sample).some((expected) => meets(seen, expected)),
          `got ${JSON.stringify(seen)}\nwant ${JSON.stringify(expectations(sample))}`,
        );
      });
  });

describe('the expectations themselves', () => {
  it('tell a wrong answer from a right one', async () => {
    const sample = samples.find(({ id }) => id === 'A01-deltas-standard');
    assert.ok(sample?.expect);
    const seen = await run(sample, 'frames');
    assert.ok(meets(seen, sample.expect));
    assert.ok(!meets(seen, { ...sample.expect, stop_reason: 'end_turn' }));
    assert.ok(!meets(seen, { ...sample.expect, blocks: [{ type: 'tool_use', name: 'Read', input: {} }] }));
  });
});
