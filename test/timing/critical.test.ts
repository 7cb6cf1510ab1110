import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyBuild, reduce, setGoals, setGraph } from '../../src/model/reduce.ts';
import { type JobId, START } from '../../src/model/ids.ts';
import { type Timing, criticalPath } from '../../src/timing/critical.ts';
import { type TimedJob, leaves, randomTimes, runPlan } from '../rig/schedule.ts';
import { Random, forSeeds } from '../rig/seeded.ts';
import { graphOf } from '../rig/story.ts';

const job = (name: string, ms: number): TimedJob => ({ name, work: [{ kind: 'own', ms }] });
const target = (
  name: string,
  needs: string,
  ms?: number,
): { name: string; needs: string[]; job: TimedJob | undefined } => ({
  name,
  needs: needs.split(' ').filter((word) => word !== ''),
  job: ms === undefined ? undefined : job(name, ms),
});

function pathOf(timing: Timing): string {
  return timing.path
    .map(({ job: { name }, at, ms, waited }) => `${name} ${at}+${ms}${waited ? ` (${waited})` : ''}`)
    .join(', ');
}

function slackOf(timing: Timing): Record<string, number> {
  return Object.fromEntries(timing.jobs.map(({ job: { name }, slack }) => [name, slack]));
}

test('the critical path is the longest path, not the one that ends last', () => {
  // gen 10 → a 5, b 30 → lib 4; c 12 → prog 7 needs lib and c; all has no recipe.
  const targets = [
    target('gen', '', 10),
    target('a', 'gen', 5),
    target('b', 'gen', 30),
    target('lib', 'a b', 4),
    target('c', '', 12),
    target('prog', 'lib c', 7),
    target('all', 'prog'),
  ];
  const make: TimedJob = { name: 'make', work: [{ kind: 'make', make: { head: 2, tail: 1, targets } }] };
  const free = criticalPath(runPlan(make));
  assert.equal(free.least, 54);
  assert.deepEqual([free.from, free.to], [0, 54]);
  assert.equal(pathOf(free), 'make 0+2, gen 2+10, b 12+30, lib 42+4, prog 46+7, make 53+1');
  assert.deepEqual(slackOf(free), { make: 0, gen: 0, c: 32, a: 25, b: 0, lib: 0, prog: 0 });

  // b waited for a slot until c and a had ended.
  const delays: Record<string, number> = { c: 0, a: 0, b: 5, lib: 0, prog: 3 };
  const order = ['a', 'b', 'lib', 'c', 'prog'];
  const crowded = criticalPath(runPlan(make, () => delays[order.shift() ?? ''] ?? 0));
  assert.equal(crowded.least, 54);
  assert.equal(crowded.to, 62);
  assert.equal(pathOf(crowded), 'make 0+2, gen 2+10, b 17+30 (5), lib 47+4, prog 54+7 (3), make 61+1');
  assert.equal(crowded.jobs.find((one) => one.job.name === 'b')?.waited, 5);
});

test('the path goes through the child of a job that launches a make, and its own time is split there', () => {
  const inner = { head: 3, tail: 4, targets: [target('x', '', 20), target('y', '', 50)] };
  const sub: TimedJob = {
    name: 'sub',
    work: [
      { kind: 'own', ms: 5 },
      { kind: 'make', make: inner },
      { kind: 'own', ms: 6 },
    ],
  };
  const targets = [
    { name: 'sub', needs: [], job: sub },
    target('other', '', 30),
    target('last', 'sub other', 1),
  ];
  const timing = criticalPath(
    runPlan({ name: 'make', work: [{ kind: 'make', make: { head: 0, tail: 0, targets } }] }),
  );
  assert.equal(pathOf(timing), 'sub 0+8, y 8+50, sub 58+10, last 68+1');
  assert.equal(timing.jobs.find((one) => one.job.name === 'sub')?.selfMs, 18);
  assert.deepEqual(slackOf(timing), { make: 0, sub: 0, x: 30, y: 0, other: 38, last: 0 });
});

test('remade makefiles come before what the goals need', () => {
  const targets = [target('dep', '', 20), target('a', '', 5), target('b', '', 3), target('all', 'a b')];
  const make: TimedJob = { name: 'make', work: [{ kind: 'make', make: { head: 0, tail: 0, targets } }] };
  const build = runPlan(make, () => 20);
  assert.equal(criticalPath(build).least, 20);
  setGoals(build.instances[0]!, ['all']);
  const timing = criticalPath(build);
  assert.equal(pathOf(timing), 'dep 0+20, a 20+5');
  assert.deepEqual(slackOf(timing), { make: 0, dep: 0, a: 0, b: 2 });
  // They ran at the same time, so neither waited for the other.
  const beside = runPlan(make, () => 10);
  setGoals(beside.instances[0]!, ['all']);
  assert.equal(criticalPath(beside).least, 20);
});

test('a job that no goal reaches does not come first if it began after the needs of the goals had ended', () => {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'x', at: 0, argv: ['make'], cwd: '', pid: 1 });
  reduce(build, { e: 'tool', t: 0, i: 0 as never, tool: 'make', j: 0 as JobId, cwd: '', argv: ['make'] });
  reduce(build, { e: 'goals', i: 0 as never, goals: ['all'] });
  for (const [j, name, from, to] of [
    [1, 'a', 0, 10],
    [2, 'stray', 15, 25],
  ] as const) {
    const place = { parent: 0 as JobId, at: START, i: 0 as never };
    reduce(build, { e: 'start', t: from, j: j as JobId, name, ...place });
    reduce(build, { e: 'end', t: to, j: j as JobId, status: { exit: 0 }, size: START });
  }
  reduce(build, { e: 'end', t: 25, j: 0 as JobId, status: { exit: 0 }, size: START });
  setGraph(build, build.instances[0]!, graphOf({ all: 'a', a: '' }));
  // With more room, both would have run at once.
  const timing = criticalPath(build);
  assert.equal(pathOf(timing), 'stray 15+10');
  assert.deepEqual([timing.least, slackOf(timing)], [10, { make: 0, a: 0, stray: 0 }]);
});

test('the path of a target counts only what it needed', () => {
  const targets = [target('a', '', 10), target('b', 'a', 5), target('z', '', 100), target('all', 'b z')];
  const build = runPlan({ name: 'make', work: [{ kind: 'make', make: { head: 7, tail: 0, targets } }] });
  const b = build.jobs.find(({ name }) => name === 'b')!;
  const timing = criticalPath(build, [{ job: b }]);
  assert.equal(pathOf(timing), 'a 7+10, b 17+5');
  assert.deepEqual([timing.from, timing.to, timing.least, timing.jobs.length], [7, 22, 15, 2]);
  const all = criticalPath(build, [{ instance: build.instances[0]!, target: 'all' }]);
  assert.equal(pathOf(all), 'z 7+100');
  assert.equal(all.to, 107);
});

test('a need that still ran counts up to the start of the first job that needs it', () => {
  // As in cargo: b starts at 4, when the metadata of a exist; c could start then, and starts at 6.
  const build = emptyBuild();
  const start = (name: string, t: number, needs: string): void => {
    const j = build.jobs.length as JobId;
    reduce(build, {
      e: 'start',
      t,
      j,
      name,
      parent: 0 as JobId,
      at: START,
      i: 0 as never,
      ...(needs === '' ? {} : { needs }),
    });
  };
  const end = (name: string, t: number): void => {
    const j = build.jobs.find((one) => one.name === name)!.id;
    reduce(build, { e: 'end', t, j, status: { exit: 0 }, size: START });
  };
  reduce(build, { e: 'build', v: 1, id: 'x', at: 0, argv: ['cargo'], cwd: '', pid: 1 });
  reduce(build, { e: 'tool', t: 0, i: 0 as never, tool: 'cargo', j: 0 as JobId, cwd: '', argv: ['cargo'] });
  start('a', 0, '');
  start('b', 4, 'a');
  start('c', 6, 'a');
  end('a', 10);
  end('b', 16);
  end('c', 26);
  reduce(build, { e: 'end', t: 26, j: 0 as JobId, status: { exit: 0 }, size: START });
  assert.equal(pathOf(criticalPath(build)), 'a 0+4, c 6+20 (2)');
});

test('cycles, interrupted builds and background processes have a path', () => {
  const targets = [target('a', '', 0), target('b', 'a', 0), target('c', 'b', 3)];
  const build = runPlan({ name: 'make', work: [{ kind: 'make', make: { head: 0, tail: 0, targets } }] });
  setGraph(build, build.instances[0]!, graphOf({ a: 'c n', b: 'a', c: 'b', n: 'm', m: 'n a' }));
  Object.assign(build.jobs[3]!, { ended: undefined });
  assert.equal(criticalPath(build).least, 3);

  const behind: TimedJob = {
    name: 'sh',
    work: [
      { kind: 'own', ms: 5 },
      { kind: 'calls', jobs: [job('daemon', 50)] },
    ],
  };
  const left = runPlan(behind);
  Object.assign(left.jobs[0]!, { ended: 9 });
  const timing = criticalPath(left);
  assert.equal(pathOf(timing), 'sh 0+9');
  assert.equal(timing.to, 9);
});

test('a job that a script waited for comes before the rest of the script', () => {
  const calls = [job('one', 10), { name: 'two', work: [{ kind: 'own' as const, ms: 14 }] }];
  const build = runPlan({ name: 'sh', work: [{ kind: 'calls', jobs: calls }] });
  const [, one, two] = build.jobs;
  // After 2 ms, `two` waits for `one`.
  reduce(build, { e: 'link', t: 2, parent: two!.id, at: START, j: one!.id });
  const timing = criticalPath(build);
  assert.equal(pathOf(timing), 'one 0+10, two 10+4');
  assert.equal(timing.least, 14);
});

test('a job that a script launches beside a make does not wait for jobs of that make that have ended', () => {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'x', at: 0, argv: ['sh'], cwd: '', pid: 1 });
  reduce(build, { e: 'tool', t: 0, i: 0 as never, tool: 'make', j: 0 as JobId, cwd: '', argv: ['make'] });
  const place = { parent: 0 as JobId, at: START };
  for (const [j, name, from, to, i] of [
    [1, 'a', 0, 10, { i: 0 as never }],
    [2, 'b', 10, 40, { i: 0 as never }],
    [3, 'beside', 20, 50, {}],
  ] as const) {
    reduce(build, { e: 'start', t: from, j: j as JobId, name, ...place, ...i });
    reduce(build, { e: 'end', t: to, j: j as JobId, status: { exit: 0 }, size: START });
  }
  reduce(build, { e: 'end', t: 50, j: 0 as JobId, status: { exit: 0 }, size: START });
  const timing = criticalPath(build);
  assert.equal(pathOf(timing), 'beside 20+30');
  assert.deepEqual([timing.least, slackOf(timing)], [30, { sh: 0, a: 20, b: 0, beside: 0 }]);
});

test('a build without jobs and one without an end have a path', () => {
  const build = emptyBuild();
  reduce(build, { e: 'build', v: 1, id: 'x', at: 0, argv: ['make'], cwd: '', pid: 1 });
  assert.deepEqual(criticalPath(build).path, []);
  reduce(build, { e: 'note', t: 40, text: '' });
  assert.equal(pathOf(criticalPath(build)), 'make 0+40');
});

test('property: the length is the time of the build without late starts, and slack is exact', () => {
  forSeeds(300, (seed) => {
    const random = new Random(seed);
    const plan = randomTimes(random, 2 + random.below(25));
    const best = runPlan(plan);
    const total = best.jobs[0]!.ended!;
    const free = criticalPath(best);
    assert.equal(free.least, total);
    const late = criticalPath(runPlan(plan, () => (random.chance(0.5) ? random.below(30) : 0)));
    assert.equal(late.least, total, 'however late the jobs start');

    for (const timing of [free, late]) {
      const length = timing.path.reduce((sum, { ms }) => sum + ms, 0);
      const waited = timing.path.reduce((sum, one) => sum + one.waited, 0);
      assert.equal(length, timing.least);
      assert.ok(length + waited <= timing.to);
    }
    for (const leaf of leaves(plan)) {
      const { slack } = late.jobs.find(({ job: { name } }) => name === leaf.name)!;
      assert.equal(slack, free.jobs.find(({ job: { name } }) => name === leaf.name)!.slack);
      leaf.work.ms += slack;
      assert.equal(runPlan(plan).jobs[0]!.ended, total, `${leaf.name} has slack ${slack}`);
      leaf.work.ms += 1;
      assert.equal(runPlan(plan).jobs[0]!.ended, total + 1, `${leaf.name} has no more slack than ${slack}`);
      leaf.work.ms -= slack + 1;
    }
  });
});

test('100,000 jobs with 1,000,000 needs and a chain of 100,000 are handled', () => {
  const count = 100_000;
  const targets = Array.from({ length: count }, (_, i) => {
    const needs = Array.from({ length: Math.min(i, 10) }, (_, k) => `t${i - 1 - k}`);
    return { name: `t${i}`, needs, job: job(`t${i}`, 1) };
  });
  const build = runPlan({ name: 'make', work: [{ kind: 'make', make: { head: 0, tail: 0, targets } }] });
  const timing = criticalPath(build);
  assert.equal(timing.least, count);
  assert.equal(timing.path.length, count);
});
