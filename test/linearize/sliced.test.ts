// Work that is done in slices for the browser has the same result as when it is done at once.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayNames, findDisplayNames } from '../../src/linearize/names.ts';
import type { Segment } from '../../src/linearize/segments.ts';
import { Walk } from '../../src/linearize/walk.ts';
import type { Build } from '../../src/model/build.ts';
import { emptyBuild, reduce } from '../../src/model/reduce.ts';
import type { BuildEvent } from '../../src/model/events.ts';
import { type InstanceId, type JobId, START } from '../../src/model/ids.ts';
import type { Sliced } from '../../src/model/sliced.ts';
import { criticalPath, findCriticalPath } from '../../src/timing/critical.ts';

const JOBS = 3000;

/**
 * Jobs, eight at a time; each needs three earlier ones, and every hundredth has the name of the job before
 * it.
 */
function largeBuild(): Build {
  const build = emptyBuild();
  const take = (event: BuildEvent): void => {
    reduce(build, event);
  };
  take({ e: 'build', v: 1, id: 'x', at: 0, argv: ['make'], cwd: '', pid: 1 });
  take({ e: 'tool', t: 0, i: 0 as InstanceId, tool: 'make', j: 0 as JobId, cwd: '', argv: ['make'] });
  const nameOf = (j: number): string => `out/${j % 100 === 0 ? j - 1 : j}.o`;
  const status = { exit: 0 };
  for (let number = 1; number <= JOBS; number++) {
    const j = number as JobId;
    const t = 10 * j;
    const needs = [8, 9, 17].flatMap((before) => (j > before ? [nameOf(j - before)] : []));
    const of = { name: nameOf(j), parent: 0 as JobId, at: START, i: 0 as InstanceId };
    take({ e: 'start', t, j, ...of, needs: needs.join(' ') });
    take({ e: 'end', t: t + 79, j, status, size: START });
  }
  take({ e: 'close', t: 10 * JOBS + 79, status, jobs: JOBS, failed: 0 });
  return build;
}

function inPieces<T>(pieces: Sliced<T>): { readonly value: T; readonly yields: number } {
  for (let yields = 0; ; yields++) {
    const { done, value } = pieces.next();
    if (done) return { value, yields };
  }
}

test('a sliced walk pauses and gives the same segments', () => {
  const build = largeBuild();
  const walk = (sliced: boolean): { readonly shown: Segment[]; readonly waits: number } => {
    const options = { order: 'needs', links: true, sliced } as const;
    const it = new Walk(build, [{ job: build.jobs[0]! }], options, (_, at) => at);
    const shown: Segment[] = [];
    let waits = 0;
    for (let segment = it.next(); segment !== 'done'; segment = it.next())
      if (segment === 'wait') waits++;
      else shown.push(segment);
    return { shown, waits };
  };
  const [sliced, other] = [walk(true), walk(false)];
  assert.equal(other.waits, 0);
  assert.ok(sliced.waits > 10, `${sliced.waits} waits`);
  assert.equal(other.shown.filter(({ kind }) => kind === 'enter').length, JOBS);
  assert.deepEqual(sliced.shown, other.shown);
});

test('names and the critical path are found in slices', () => {
  const build = largeBuild();
  const names = inPieces(findDisplayNames(build, 'needs', (_, at) => at));
  assert.ok(names.yields > 10, `${names.yields} pieces`);
  const nameOf = displayNames(build, 'needs', (_, at) => at);
  for (const job of build.jobs) assert.equal(names.value(job), nameOf(job));
  assert.ok(build.jobs.some((job) => nameOf(job).endsWith('#2')));

  const path = inPieces(findCriticalPath(build));
  assert.ok(path.yields > 10, `${path.yields} pieces`);
  assert.deepEqual(path.value, criticalPath(build));
});
