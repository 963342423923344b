import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type CaseUpstream, startCaseUpstream } from '../fakes/case-upstream.ts';
import { post, startTestGateway, type TestGateway } from '../fakes/gateway.ts';
import { meets } from './expectation.ts';
import { observe } from './observe.ts';
import { ownCases } from './own-cases.ts';

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

for (const cut of ['frames', 'bytes'] as const)
  describe(`our own failure cases, cut into ${cut}`, () => {
    for (const sample of ownCases)
      it(`${sample.id}: ${sample.title}`, async () => {
        upstream.play(sample, cut);
        const response = await post(gateway, '/v1/messages', sample.request);
        const type = response.headers.get('content-type') ?? '';
        assert.match(response.headers.get('request-id') ?? '', /^req_/);
        const seen = observe(response.status, type, await response.text(), sample.stream);
        assert.deepEqual(seen.violations, []);
        assert.ok(!/undefined|\[object|NaN/.test(seen.message), seen.message);
        assert.ok(
          sample.expect_any?.some((expected) => meets(seen, expected)),
          `got ${JSON.stringify(seen)}\nwant ${JSON.stringify(sample.expect_any)}`,
        );
      });
  });

describe('our own failure cases', () => {
  it('have ids of their own', () => {
    const ids = ownCases.map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id, position) => ids.indexOf(id) !== position),
      [],
    );
  });
});
