// The rows of the jobs pane, from what a walk says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '../../src/linearize/segments.ts';
import type { Job } from '../../src/model/build.ts';
import { TreeMaker } from '../../src/tui/tree.ts';

const JOBS = new Map<string, Job>();

function jobOf(name: string): Job {
  const known = JOBS.get(name) ?? ({ name } as Job);
  JOBS.set(name, known);
  return known;
}

/** The rows of a tree: `a`, and `^ a` for one that refers to it, indented. */
function rows(...said: readonly string[]): string[] {
  const segments = said.map((line): Segment => {
    const depth = /^ */.exec(line)![0].length / 2;
    const job = jobOf(line.trim().replace('^ ', ''));
    return { kind: line.includes('^') ? 'seen' : 'enter', job, depth };
  });
  const maker = new TreeMaker({ next: () => segments.shift() ?? 'done' }, undefined);
  while (maker.step(3));
  const { tree } = maker;
  return Array.from({ length: tree.length }, (_, i) => {
    const { kind, depth, name } = tree.row(i);
    return `${'  '.repeat(depth)}${kind === 'seen' ? '^ ' : ''}${name}`;
  });
}

test('what was shown above is referred to, below each job that needs it', () => {
  const tree = ['a', '  x', 'b', '  ^ x', '  y', 'c', '  ^ y', '  ^ x'];
  assert.deepEqual(rows(...tree), tree);
});

test('a job refers only once to what it needs in several ways, and not to what stands below it', () => {
  assert.deepEqual(rows('a', '  x', '  ^ x', '  ^ x', 'b', '  ^ x', '  ^ x'), ['a', '  x', 'b', '  ^ x']);
});
