import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part } from '../../../../proxy/part.ts';
import { type Brief, brief, cuts, type Options, repair, text } from '../pipe.ts';

/** One answer and what the client must get of it, the finish left out where it is 'stop'. */
export interface Case extends Options {
  /** Id in failures.md, where it has one. */
  title: string;
  content: string | readonly Part[];
  expect: Brief[];
}

const finishing = new Set(['stop', 'tool-calls']);

/** Checks each answer under every way of cutting it. */
export function checkCases(title: string, cases: readonly Case[]): void {
  describe(title, () => {
    for (const { title: name, content, expect, ...options } of cases)
      it(name, () => {
        for (const [cutting, cut] of cuts) {
          const parts = typeof content === 'string' ? [text(content)] : content;
          const got = brief(repair(parts, cut, options));
          const finish = got.at(-1);
          const hasCalls = expect.some((part) => part[0] === 'call');
          if (Array.isArray(finish) && finish[0] === 'finish' && finishing.has(String(finish[1]))) {
            assert.equal(finish[1], hasCalls ? 'tool-calls' : 'stop', cutting);
            got.pop();
          }
          assert.deepEqual(got, expect, cutting);
        }
      });
  });
}

/** An answer that must come out as it is. */
export function unchanged(title: string, content: string, options: Options = {}): Case {
  return { title, content, expect: [content], ...options };
}
