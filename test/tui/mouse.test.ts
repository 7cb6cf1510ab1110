// The mouse: clicks that select, fold and open; the wheel.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job } from '../../src/model/build.ts';
import { TextDocument } from '../../src/documents/document.ts';
import { point } from '../../src/tui/mouse.ts';
import { screenLayout } from '../../src/tui/panesize.ts';
import { refreshRows } from '../../src/tui/selection.ts';
import { type State, initialState } from '../../src/tui/state.ts';
import { Tree } from '../../src/documents/tree.ts';
import { press } from '../../src/tui/update.ts';

const JOBS = Array.from({ length: 40 }, (_, id) => ({ id, name: `job ${id}`, started: 0, ended: 1 }) as Job);

/** A tree: job 0, below it job 1 with job 2 below it, and the others. */
function opened(): State {
  const state = initialState(80, 24, false);
  state.jobs.tree = new Tree(JOBS);
  for (const job of JOBS) state.jobs.tree.add(job, job.id === 0 ? 0 : job.id === 2 ? 2 : 1, false);
  state.focus = 'jobs';
  refreshRows(state);
  const lines = Array.from({ length: 50 }, (_, i) => ({ text: `line ${i}` }));
  state.log.shown = { ...state.log.shown, title: 'log', document: new TextDocument(lines) };
  return state;
}

/** Clicks on a row of a pane. */
const click = (state: State, pane: 'jobs' | 'log', row: number, x = 30): ReturnType<typeof point> => {
  const rect = screenLayout(state).panes[pane]!;
  return point(state, { kind: 'click', x: rect.x + x, y: rect.y + 1 + row });
};
const turn = (state: State, pane: 'jobs' | 'log', kind: 'up' | 'down'): ReturnType<typeof point> => {
  const rect = screenLayout(state).panes[pane]!;
  return point(state, { kind, x: rect.x, y: rect.y + 2 });
};

test('a click selects; a second one opens', () => {
  const state = opened();
  assert.deepEqual(click(state, 'jobs', 3), [{ do: 'show' }]);
  assert.deepEqual([state.jobs.list.cursor, state.focus], [3, 'jobs']);
  click(state, 'jobs', 3);
  assert.equal(state.focus, 'log');
  click(state, 'jobs', 3);
  assert.equal(state.focus, 'jobs', 'the first click into another pane only goes there');
});

test('a click on the sign before a job folds and unfolds it', () => {
  const state = opened();
  for (const [rows, folded] of [
    [39, true],
    [40, false],
  ] as const) {
    click(state, 'jobs', 1, 2);
    assert.equal(state.jobs.visible.length, rows);
    assert.equal(state.jobs.folded.has(JOBS[1]!), folded);
    assert.deepEqual([state.jobs.list.cursor, state.focus], [1, 'jobs']);
  }
  click(state, 'jobs', 3, 2);
  assert.equal(state.jobs.visible.length, 40, 'a job without others below has no sign');
});

test('the wheel scrolls the pane below it, which does not take the focus', () => {
  const state = opened();
  assert.deepEqual(turn(state, 'log', 'down'), []);
  assert.deepEqual([state.log.top, state.log.cursor, state.focus], [3, 3, 'jobs']);
  turn(state, 'log', 'up');
  assert.deepEqual([state.log.top, state.log.cursor], [0, 3]);
  state.focus = 'log';
  assert.deepEqual(turn(state, 'jobs', 'down'), [{ do: 'show' }]);
  assert.deepEqual([state.jobs.list.top, state.jobs.list.cursor, state.focus], [3, 3, 'log']);
  assert.deepEqual(turn(state, 'jobs', 'up'), [], 'the cursor stays where it is in the window');
  assert.deepEqual([state.jobs.list.top, state.jobs.list.cursor], [0, 3]);
});

test('the wheel scrolls the help; a question or a prompt has no mouse', () => {
  const state = opened();
  press(state, '?', '?');
  turn(state, 'jobs', 'down');
  assert.equal(state.help, 3);
  turn(state, 'jobs', 'up');
  assert.equal(state.help, 0);
  press(state, 'x', 'x');
  press(state, '/', '/');
  assert.deepEqual(click(state, 'jobs', 3), []);
  assert.equal(state.jobs.list.cursor, 0);
});
