// The rows of the dashboard: what failed, what runs, the rest.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build, Job } from '../../src/model/build.ts';
import { Dashboard, type Listed } from '../../src/tui/dashboard.ts';

/** A job of the root, or of another one, that ended so many milliseconds after the build's start, or runs. */
interface Case {
  readonly name: string;
  readonly parent?: number;
  readonly ended?: number;
  readonly exit?: number;
}

const ROOT_JOB: Case = { name: 'make' };

function buildOf(cases: readonly Case[]): Build {
  const jobs: Job[] = [];
  for (const [id, { name, parent = 0, ended, exit = 0 }] of cases.entries())
    jobs.push({
      id,
      name,
      parent: jobs[parent],
      ended,
      status: ended === undefined ? undefined : { exit },
    } as Job);
  return { jobs } as unknown as Build;
}

function rowsOf({ tree, rest }: Listed): string[] {
  return Array.from({ length: tree.length }, (_, row) => {
    const name = tree.job(row)?.name;
    if (row !== rest.row) return name ?? '';
    return `… ${rest.running} running, ${rest.failed} failed, ${rest.ended} ended`;
  });
}

test('dashboard: a job that failed by itself stands before the one that launched it, also where both ended at once', () => {
  const build = buildOf([
    ROOT_JOB,
    { name: 'app', ended: 30, exit: 2 },
    { name: 'late.o', ended: 40, exit: 1 },
    { name: 'broken.o', parent: 1, ended: 30, exit: 1 },
    { name: 'good.o', parent: 1, ended: 20 },
    { name: 'slow.o' },
  ]);
  const dashboard = new Dashboard(build);
  dashboard.update();
  assert.equal(dashboard.firstFailure?.name, 'broken.o');
  assert.deepEqual(rowsOf(dashboard.list(10, undefined, true)), [
    'broken.o',
    'app',
    'late.o',
    'slow.o',
    '… 0 running, 0 failed, 1 ended',
    'good.o',
    'make',
  ]);
});

test('dashboard: when the build has ended, its command stands above the jobs that ended well', () => {
  const build = buildOf([
    { ...ROOT_JOB, ended: 50, exit: 2 },
    { name: 'a.o', ended: 10 },
    { name: 'b.o', ended: 20, exit: 1 },
    { name: 'c.o', ended: 30 },
  ]);
  const dashboard = new Dashboard(build);
  dashboard.update();
  const rows = ['b.o', 'make', '… 0 running, 0 failed, 2 ended', 'c.o', 'a.o'];
  assert.deepEqual(rowsOf(dashboard.list(10, undefined, false)), rows);
});

test('dashboard: half of a low list is for what runs, and the job at the cursor stays', () => {
  const cases = Array.from({ length: 9 }, (_, i) => ({
    name: `${i}.o`,
    ...(i < 5 ? { ended: i, exit: 1 } : {}),
  }));
  const build = buildOf([ROOT_JOB, ...cases]);
  const dashboard = new Dashboard(build);
  dashboard.update();
  const listed = dashboard.list(5, build.jobs[9], true);
  assert.deepEqual(rowsOf(listed).slice(0, 5), [
    '0.o',
    '1.o',
    '5.o',
    '8.o',
    '… 2 running, 3 failed, 0 ended',
  ]);
});
