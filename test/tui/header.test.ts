import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Build } from '../../src/model/build.ts';
import { type OpenBuild, type State, initialState } from '../../src/tui/state.ts';
import { rowText, rowWidth } from '../../src/documents/spans.ts';
import { headerRow } from '../../src/tui/views/header.ts';

const AT = new Date(2026, 10, 21, 8, 31, 40).getTime();

function state(build: Partial<OpenBuild>, more: Partial<State> = {}, argv = ['make', '-k', '-j4']): State {
  const shown = initialState(80, 24, false);
  const started = { e: 'build', v: 1, id: 'x', at: AT, argv, cwd: '' };
  const open = {
    id: 'x',
    build: { started, jobs: [], time: 1779 } as unknown as Build,
    state: 'finished',
    loaded: 1,
    nameOf: () => '',
    isEarlier: () => false,
    warning: undefined,
    now: 12_499,
    outcome: 'failed',
    summary: { t: 1779, jobs: 14, failed: 1 },
    ...build,
  };
  return Object.assign(shown, { open, now: AT + 5 * 86_400_000, position: { nth: 3, of: 3 }, ...more });
}

const rows = (shown: State, widths: readonly number[]): string[] =>
  widths.map((width) => {
    const row = headerRow(shown, width);
    assert.equal(rowWidth(row), width);
    return rowText(row).trimEnd();
  });

test('the header of an ended build says which it is, and drops its least important parts', () => {
  const problems = { errors: 1, warnings: 2, more: false };
  assert.deepEqual(rows(state({}, { problems }), [100, 90, 80, 70, 60, 50, 40, 30, 20]), [
    ' ✗ make -k -j4  build 3 of 3  21 Nov 08:31 (5d)  1.78s  14 jobs  1 failed  1 error 2 warnings',
    ' ✗ make -k -j4  build 3 of 3  5d ago  1.78s  14 jobs  1 failed  1 error 2 warnings',
    ' ✗ make -k -j4  build 3 of 3  1.78s  14 jobs  1 failed  1 error 2 warnings',
    ' ✗ make -k -j4  3/3  1.78s  14 jobs  1 failed  1 error 2 warnings',
    ' ✗ make -k -j4  1.78s  1 failed  1 error 2 warnings',
    ' ✗ make -k -j4  1.78s  1 failed  1 error',
    ' ✗ make -k -j4  1.78s  1 failed',
    ' ✗ make -k…  1.78s  1 failed',
    ' ✗ make -k -j4',
  ]);
});

test('the header of a running build has its time, how far it is, and what failed', () => {
  const running: Partial<OpenBuild> = { state: 'running', outcome: 'running', summary: undefined };
  const progress = { elapsedMs: 12_499, done: 21, failed: 1, total: 37, etaMs: 11_700, running: [] };
  const shown = state(running, { progress, problems: { errors: 0, warnings: 3, more: false } });
  shown.jobs.counts = { jobs: 27, failed: 1, running: 6 };
  assert.deepEqual(rows(shown, [100, 80, 60, 40]), [
    ' ● make -k -j4  12.4s  ▓▓▓▓▓▓░░░░░ 21/37  ~11s left  6 running  1 failed  3 warnings',
    ' ● make -k -j4  12.4s  ▓▓▓░░░ 21/37  ~11s left  6 running  1 failed  3 warnings',
    ' ● make -k -j4  12.4s  21/37  ~11s  1 failed  3 warnings',
    ' ● make -k -j4  12.4s  21/37  1 failed',
  ]);
  const early = state(running, { progress: { ...progress, total: undefined, etaMs: undefined, failed: 0 } });
  early.jobs.counts = { jobs: 27, failed: 0, running: 6 };
  assert.deepEqual(rows(early, [80]), [' ● make -k -j4  12.4s  21 done  6 running']);
});

test('a long command is elided before anything is dropped, and its controls are visible', () => {
  const argv = ['sh', '-c', `make 日本語 \x1b[2J\n${'x'.repeat(200)}`];
  assert.deepEqual(rows(state({}, {}, argv), [80, 24]), [
    ' ✗ sh -c make 日本語 \\x1b[2J\\n…  build 3 of 3  5d ago  1.78s  14 jobs  1 failed',
    ' ✗ sh -c mak…  1 failed',
  ]);
});

test('the header of a build without a start, and of none, has no more than is known', () => {
  const build = { started: undefined, jobs: [], time: 0 } as unknown as Build;
  const damaged = state({ build, outcome: 'interrupted', summary: undefined, state: 'interrupted' });
  assert.deepEqual(rows(damaged, [60]), [' ‖ x  build 3 of 3']);
  assert.deepEqual(rows(initialState(80, 24, false), [20]), [' loglin']);
  assert.equal(rowText(headerRow(Object.assign(state({}), { ascii: true }), 30)).slice(0, 3), ' x ');
});
