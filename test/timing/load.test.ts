import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build } from '../../src/model/build.ts';
import { type Load, loadOf } from '../../src/timing/load.ts';
import { type TimedJob, randomTimes, runPlan } from '../rig/schedule.ts';
import { Random, forSeeds } from '../rig/seeded.ts';

const call = (name: string, ...times: number[]): TimedJob => ({
  name,
  work: times.map((ms) => ({ kind: 'own', ms })),
});

const load = (build: Build): Load => loadOf(build, build.jobs, 0, build.jobs[0]!.ended!);

test('the root job and a job that waits for what it launched do not count', () => {
  const inner: TimedJob = {
    name: 'inner',
    work: [
      { kind: 'own', ms: 4 },
      { kind: 'calls', jobs: [call('x', 10), call('y', 6)] },
      { kind: 'own', ms: 2 },
    ],
  };
  const plan: TimedJob = {
    name: 'sh',
    work: [
      { kind: 'own', ms: 5 },
      { kind: 'calls', jobs: [inner, call('z', 6)] },
      { kind: 'calls', jobs: [call('last', 8)] },
      { kind: 'own', ms: 1 },
    ],
  };
  const found = load(runPlan(plan));
  // 0-5 none; 5-9 inner z; 9-11 x y z; 11-15 x y; 15-19 x; 19-21 inner; 21-29 last; 29-30 none.
  assert.deepEqual(found.levels, [6, 14, 8, 2]);
  assert.equal(found.work, 14 + 16 + 6);
  // `last` waited while x and then inner ran alone; nothing waited for `last`.
  assert.deepEqual(
    found.alone.map(({ job, ms }) => [job.name, ms]),
    [
      ['x', 4],
      ['inner', 2],
    ],
  );
  assert.deepEqual([...found.over(3)], [(8 + 3) / 10, (3 + 8 + 4 + 1) / 10, 0.9]);
});

test('property: the times of any number of parts add up', () => {
  forSeeds(100, (seed) => {
    const random = new Random(seed);
    const build = runPlan(randomTimes(random, 20), () => random.below(20));
    const { levels, work, over, to } = load(build);
    const sum = (values: Iterable<number>): number => [...values].reduce((all, one) => all + one, 0);
    assert.equal(sum(levels), to);
    assert.equal(
      levels.reduce((all, ms, running) => all + ms * running, 0),
      work,
    );
    const parts = 1 + random.below(90);
    assert.ok(Math.abs((sum(over(parts)) * to) / parts - work) < 1e-6 * work);
  });
});

test('a build that took no time has no load', () => {
  const found = load(runPlan({ name: 'true', work: [] }));
  assert.deepEqual([found.levels, found.work, [...found.over(3)]], [[0], 0, [0, 0, 0]]);
});
