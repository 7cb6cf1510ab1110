// The marks of the critical path follow a build that runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build } from '../../src/model/build.ts';
import type { Context } from '../../src/tui/context.ts';
import { CriticalMarks } from '../../src/tui/criticalmarks.ts';
import { initialState } from '../../src/tui/state.ts';
import { type TimedJob, runPlan } from '../rig/schedule.ts';

const job = (name: string, ms: number): TimedJob => ({ name, work: [{ kind: 'own', ms }] });
const make = (...targets: readonly (readonly [string, number])[]): Build =>
  runPlan({
    name: 'make',
    work: [
      {
        kind: 'make',
        make: {
          head: 1,
          tail: 1,
          targets: targets.map(([name, ms]) => ({ name, needs: [], job: job(name, ms) })),
        },
      },
    ],
  });

test('the marks move to the jobs that the build has hung at since, and stay where they are afterwards', () => {
  const state = initialState(80, 24, false);
  const opened = { build: make(['a', 30], ['b', 20]), revision: 1, state: 'running', now: 40 };
  const marks = new CriticalMarks({ state, opened, changed: () => undefined } as unknown as Context);
  const marked = (): string[] => [...state.jobs.critical!].map(({ name }) => name);
  while (marks.step());
  assert.equal(state.jobs.critical, undefined, 'nobody has asked for them');

  for (const found = marks.mark(); !found.next().done;);
  assert.deepEqual(marked(), ['make', 'a']);
  assert.match(state.message, /^critical path: 0\.03s of 0\.04s, marked ◆$/);
  assert.equal(marks.step(), false);

  state.message = '';
  Object.assign(opened, { build: make(['a', 30], ['b', 20], ['c', 50]), revision: 2 });
  assert.equal(marks.step(), false, 'not yet, a path was found just now');
  Object.assign(opened, { state: 'finished' });
  while (marks.step());
  assert.deepEqual(marked(), ['make', 'c']);
  assert.equal(state.message, '');
  assert.equal(marks.step(), false);

  state.jobs.critical = undefined;
  Object.assign(opened, { revision: 3 });
  while (marks.step());
  assert.equal(state.jobs.critical, undefined, 'they were taken away');
});
