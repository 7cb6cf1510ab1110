// Moving within a pane, between panes, and into the selected item.

import { moveToBuild, selectedBuild } from '../buildrows.ts';
import type { Pane } from '../keys.ts';
import { moveTo } from '../list.ts';
import { goFirst, goLast, moveCursor, page } from '../logview.ts';
import { listHeight, logWindow, resized } from '../panesize.ts';
import { goBack, indexIn, listOf, refreshRows, selectJob, treeView, visit } from '../selection.ts';
import type { Effect, State } from '../state.ts';
import { isFlat } from '../../documents/tree.ts';
import type { Handlers } from './handler.ts';

/** From left to right. */
export const PANES: readonly Pane[] = ['builds', 'jobs', 'log'];
/** How many columns one step to the side moves. */
const SIDE = 8;

export const MOVING = {
  down: (state) => move(state, 1),
  up: (state) => move(state, -1),
  pageDown: (state) => movePage(state, 1),
  pageUp: (state) => movePage(state, -1),
  halfDown: (state) => movePage(state, 0.5),
  halfUp: (state) => movePage(state, -0.5),
  first: (state) => move(state, -Infinity),
  last: (state) => move(state, Infinity),
  left: (state) => moveAside(state, -1),
  right: (state) => moveAside(state, 1),
  open,
  back: goBack,
  escape,
  nextPane: (state) => focusBeside(state, 1),
  previousPane: (state) => focusBeside(state, -1),
  buildsPane: (state) => focus(state, 'builds'),
  jobsPane: (state) => focus(state, 'jobs'),
  logPane: (state) => focus(state, 'log'),
  zoom(state) {
    state.zoomed = !state.zoomed;
    return resized(state);
  },
} satisfies Handlers;

function focus(state: State, pane: Pane): Effect[] {
  state.focus = pane;
  return resized(state);
}

/** Focuses the next pane on one side; after the last pane comes the first. */
function focusBeside(state: State, by: 1 | -1): Effect[] {
  const at = PANES.indexOf(state.focus) + by + PANES.length;
  return focus(state, PANES[at % PANES.length]!);
}

/** Moves by so many lines. */
export function move(state: State, by: number): Effect[] {
  if (state.focus === 'log') {
    const { log } = state;
    const { document } = log.shown;
    if (by === -Infinity) goFirst(log);
    else if (by === Infinity) goLast(document, log, logWindow(state));
    else moveCursor(document, log, logWindow(state), by);
    if (by < 0) log.follow = false;
    return [];
  }
  const { list, count } = listOf(state);
  return moveInList(state, by === Infinity ? count - 1 : by === -Infinity ? 0 : list.cursor + by);
}

function movePage(state: State, part: number): Effect[] {
  if (state.focus === 'log') {
    const window = logWindow(state);
    const rows = Math.max(1, Math.floor(window.rows * Math.abs(part)));
    page(state.log.shown.document, state.log, window, part > 0 ? rows : -rows);
    if (part < 0) state.log.follow = false;
    return [];
  }
  const height = listHeight(state, state.focus);
  const { list, count } = listOf(state);
  const rows = Math.sign(part) * Math.max(1, Math.floor(height * Math.abs(part)));
  list.top = Math.max(0, Math.min(list.top + rows, count - height));
  return moveInList(state, list.cursor + rows);
}

/** Moves the cursor of the focused list to a row. */
export function moveInList(state: State, to: number): Effect[] {
  const { list, count } = listOf(state);
  const height = listHeight(state, state.focus);
  if (state.focus === 'builds') {
    moveToBuild(state, to, height);
    return [{ do: 'preview' }];
  }
  moveTo(list, to, count, height);
  return [{ do: 'show' }];
}

/** Moves left or right. */
function moveAside(state: State, way: -1 | 1): Effect[] {
  const { log, jobs } = state;
  if (state.focus === 'log') {
    if (!log.wrap) log.left = Math.max(0, log.left + way * SIDE);
    return [];
  }
  if (state.focus === 'builds' || isFlat(treeView(state))) return [];
  const index = jobs.visible[jobs.list.cursor];
  if (index === undefined) return [];
  const { job, kind } = jobs.tree.row(index);
  const foldable = kind === 'job' && job !== undefined && jobs.tree.hasChildren(index, jobs.needRows);
  if (way === 1) {
    if (foldable && jobs.folded.delete(job)) refreshRows(state);
    return [];
  }
  if (foldable && !jobs.folded.has(job)) {
    jobs.folded.add(job);
    refreshRows(state);
    return [];
  }
  const above = jobs.tree.parentOf(index);
  if (above === undefined) return [];
  moveTo(jobs.list, indexIn(jobs.visible, above, false), jobs.visible.length, listHeight(state, 'jobs'));
  return [{ do: 'show' }];
}

function open(state: State): Effect[] {
  if (state.focus === 'builds') {
    const row = selectedBuild(state);
    if (!row) return [];
    state.focus = 'jobs';
    return row.id === state.open?.id ? resized(state) : [{ do: 'open', id: row.id }];
  }
  if (state.focus === 'jobs') {
    const index = state.jobs.visible[state.jobs.list.cursor];
    const row = index === undefined ? undefined : state.jobs.tree.row(index);
    if (row?.kind === 'seen' && row.job) {
      visit(state);
      selectJob(state, row.job);
      return [{ do: 'show' }];
    }
    return row ? focus(state, 'log') : [];
  }
  const { log } = state;
  const target = log.shown.document.at(log.cursor)?.target;
  if (target?.ownLog) {
    visit(state);
    log.ownLog = true;
    return [{ do: 'show' }];
  }
  if (!target?.job) return [];
  visit(state);
  if (!selectJob(state, target.job)) {
    state.back.pop();
    state.message = 'this job is not in the tree';
    return [];
  }
  log.pendingAt = target.at;
  return [{ do: 'show' }];
}

function escape(state: State): Effect[] {
  const { jobs, log } = state;
  if (log.searching) {
    log.searching = false;
    state.message = 'search given up';
    return [];
  }
  if (log.timing) {
    Object.assign(log, { timing: false, times: false });
    return resized(state);
  }
  if (state.working !== undefined) {
    state.message = 'given up';
    return [{ do: 'cancel' }];
  }
  if (['diff', 'why', 'problems', 'needs', 'matches'].includes(log.shown.kind)) return goBack(state);
  if (state.focus === 'builds' && state.buildFilter !== '') {
    state.buildFilter = '';
    return resized(state);
  }
  if (state.focus === 'jobs' && isFlat(treeView(state))) {
    Object.assign(jobs, { filter: '', failed: false, running: false, slow: false });
    refreshRows(state);
    return [{ do: 'show' }];
  }
  if (state.focus === 'log' && log.pattern) {
    log.pattern = undefined;
    return [];
  }
  const at = PANES.indexOf(state.focus);
  return at > 0 ? focus(state, PANES[at - 1]!) : [];
}
