// The rows of the jobs pane, built from the segments of a walk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Segment } from '../../src/linearize/segments.ts';
import type { Job } from '../../src/model/build.ts';
import { type Tree, TreeBuilder, visibleRows } from '../../src/documents/tree.ts';

const JOBS = new Map<string, Job>();

function jobOf(name: string): Job {
  const known = JOBS.get(name) ?? ({ name, id: JOBS.size } as Job);
  JOBS.set(name, known);
  return known;
}

/**
 * Builds a tree of such rows: `a`, and `^ a` for a reference to it, indented.
 * @param isOwn whether a job is of this build, not of an earlier one.
 */
function treeOf(lines: readonly string[], isOwn: (job: Job) => boolean = () => true): Tree {
  const segments = lines.map((line): Segment => {
    const depth = /^ */.exec(line)![0].length / 2;
    const job = jobOf(line.trim().replace('^ ', ''));
    return { kind: line.includes('^') ? 'seen' : 'enter', job, depth };
  });
  const jobs: Job[] = [];
  for (const job of JOBS.values()) if (isOwn(job)) jobs[job.id] = job;
  const maker = new TreeBuilder({ next: () => segments.shift() ?? 'done' }, jobs, undefined);
  while (maker.step(3));
  return maker.tree;
}

function rowsOf(tree: Tree): string[] {
  return Array.from({ length: tree.length }, (_, i) => {
    const { kind, depth, name, job } = tree.row(i);
    if (job && kind === 'job') assert.equal(tree.rowOf(job), i);
    return `${'  '.repeat(depth)}${kind === 'seen' ? '^ ' : ''}${name}`;
  });
}

/** Returns the rows, which must not depend on whether the jobs are of this build or of an earlier one. */
function rows(...lines: readonly string[]): string[] {
  const expected = rowsOf(treeOf(lines));
  for (const isOwn of [() => false, (job: Job) => job.id % 2 === 0])
    assert.deepEqual(rowsOf(treeOf(lines, isOwn)), expected);
  return expected;
}

test('a job shown above is referred to below each job that needs it', () => {
  const tree = ['a', '  x', 'b', '  ^ x', '  y', 'c', '  ^ y', '  ^ x'];
  assert.deepEqual(rows(...tree), tree);
});

test('a job refers only once to a job that it needs in several ways, and not to one directly below it', () => {
  assert.deepEqual(rows('a', '  x', '  ^ x', '  ^ x', 'b', '  ^ x', '  ^ x'), ['a', '  x', 'b', '  ^ x']);
});

test('a row is found again in a rebuilt tree', () => {
  const before = treeOf(['a', '  x', 'b', '  ^ x', '  y']);
  const after = treeOf(['b', '  y', '  x', 'new', 'a', '  ^ x']);
  const again = [0, 1, 2, 3, 4].map((row) => after.rowWithKey(before.keyOf(row)));
  assert.deepEqual(again, [4, 5, 0, 2, 1]);
  assert.equal(after.rowWithKey(treeOf(['gone']).keyOf(0)), undefined);
});

test('the slowest jobs come first; jobs with equal times keep their order', () => {
  const tree = treeOf(['e', 'a', '  x', 'b', '  ^ x', 'c', 'd']);
  const took: Readonly<Record<string, number>> = { a: 5, x: 20, b: 5, c: 20, d: 5, e: 1 };
  const all = {
    folded: new Set<Job>(),
    filter: '',
    failed: false,
    running: false,
    slow: true,
    needRows: false,
  };
  const view = { ...all, byItself: () => true, runs: () => false, ms: ({ name }: Job) => took[name] ?? 0 };
  assert.deepEqual(
    Array.from(visibleRows(tree, view), (row) => tree.name(row)),
    ['x', 'c', 'a', 'b', 'd', 'e'],
  );
});

test('a row is found again below its former parent, not further down', () => {
  const before = treeOf(['x', 'a', '  ^ x']);
  const after = treeOf(['x', 'a', '  m', '    ^ x', '  n', '  ^ x']);
  assert.equal(after.rowWithKey(before.keyOf(2)), 5);
});

test('without rows for references, a job has their number, and is not folded for their sake', () => {
  const tree = treeOf(['a', '  x', '  y', 'b', '  ^ x', 'c', '  ^ x', '  ^ y', '  z', '    ^ x', '    ^ a']);
  const view = { folded: new Set<Job>(), filter: '', failed: false, running: false, slow: false };
  const rowsWith = (needRows: boolean): string[] =>
    Array.from(
      visibleRows(tree, { ...view, needRows, byItself: () => true, runs: () => false, ms: () => 0 }),
      (row) => tree.name(row),
    );
  assert.deepEqual(rowsWith(false), ['a', 'x', 'y', 'b', 'c', 'z']);
  assert.deepEqual(rowsWith(true), ['a', 'x', 'y', 'b', 'x', 'c', 'x', 'y', 'z', 'x', 'a']);
  const of = (name: string): number => tree.rowOf(JOBS.get(name)!)!;
  assert.deepEqual(
    ['a', 'b', 'c', 'z'].map((name) => tree.needsOf(of(name)).count),
    [0, 1, 2, 2],
  );
  assert.deepEqual(
    tree.needRowsOf(of('c')).map((row) => tree.name(row)),
    ['x', 'y'],
  );
  assert.deepEqual(
    ['a', 'b', 'c', 'z'].map((name) => tree.hasChildren(of(name), false)),
    [true, false, true, false],
  );
  assert.deepEqual(
    ['b', 'z'].map((name) => tree.hasChildren(of(name), true)),
    [true, true],
  );
  assert.deepEqual(
    [0, 3, 4, 6, 8].map((row) => tree.jobsUpTo(row)),
    [1, 4, 4, 5, 6],
  );
});
