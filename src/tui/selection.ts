// The cursor in the tree of jobs: which rows are visible, how a job is selected, and the way back to earlier
// places. Changes only the state.

import { failedByItself } from '../linearize/failures.ts';
import type { Job } from '../model/build.ts';
import { ROOT } from '../model/ids.ts';
import { buildRows } from './buildrows.ts';
import { type ListState, centre, moveTo, settle } from './list.ts';
import { listHeight, resized } from './panesize.ts';
import type { Effect, State } from './state.ts';
import { type Tree, type TreeView, isFlat, visibleRows } from '../documents/tree.ts';

/** The options of the tree that the state asks for. */
export function treeView(state: State): TreeView {
  const { jobs, open } = state;
  const stopped = open?.build.ended?.interrupted ?? false;
  const runs = (job: Job): boolean => open?.state === 'running' && job.ended === undefined;
  return {
    folded: jobs.folded,
    filter: jobs.filter,
    failed: jobs.failed,
    running: jobs.running,
    slow: jobs.slow,
    byItself: (job) => failedByItself(job, stopped),
    needRows: jobs.needRows,
    dashboard: jobs.dashboard,
    runs,
    ms: (job) => (job.ended ?? (runs(job) ? open!.now : job.started)) - job.started,
  };
}

/** Updates which rows of the tree are visible. The cursor stays on its row if that is still visible. */
export function refreshRows(state: State): void {
  const { jobs } = state;
  const before = jobs.visible[jobs.list.cursor];
  setRows(state, before === undefined || before >= jobs.tree.length ? undefined : before);
}

/** Like refreshRows, but puts the cursor on a row of the tree. */
export function setRows(state: State, row: number | undefined): void {
  const { jobs } = state;
  const { cursor, top } = jobs.list;
  const view = treeView(state);
  jobs.visible = visibleRows(jobs.tree, view);
  const wanted = row === undefined ? undefined : visibleFor(jobs.tree, view, row);
  const at = wanted === undefined ? -1 : indexIn(jobs.visible, wanted, isFlat(view));
  if (at >= 0) {
    jobs.list.top = Math.max(0, at - (cursor - top));
    jobs.list.cursor = at;
  }
  settle(jobs.list, jobs.visible.length, listHeight(state, 'jobs'));
}

/** Where references have no rows: the row that stands for one, its job's in a list, or what needs it. */
function visibleFor(tree: Tree, view: TreeView, row: number): number | undefined {
  if (!tree.isReference(row)) return row;
  const job = tree.job(row);
  if (isFlat(view)) return job && tree.rowOf(job);
  return view.needRows ? row : tree.parentOf(row);
}

export function indexIn(visible: Uint32Array, row: number, flat: boolean): number {
  if (flat) return visible.indexOf(row);
  let low = 0;
  let high = visible.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const value = visible[middle]!;
    if (value === row) return middle;
    if (value < row) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * Puts the cursor on a job. Unfolds rows and clears filters that hide it.
 * @returns whether it is in the tree.
 */
export function selectJob(state: State, job: Job): boolean {
  const row = state.jobs.tree.rowOf(job);
  return row !== undefined && selectRow(state, row);
}

/** Like selectJob, for a row of the tree. */
function selectRow(state: State, wanted: number): boolean {
  const { jobs } = state;
  const row = isFlat(treeView(state)) ? wanted : (visibleFor(jobs.tree, treeView(state), wanted) ?? wanted);
  let at = indexIn(jobs.visible, row, isFlat(treeView(state)));
  if (at < 0) {
    Object.assign(jobs, { filter: '', failed: false, running: false, slow: false });
    for (let up = jobs.tree.parentOf(row); up !== undefined; up = jobs.tree.parentOf(up)) {
      const folded = jobs.tree.row(up).job;
      if (folded) jobs.folded.delete(folded);
    }
    jobs.visible = visibleRows(jobs.tree, treeView(state));
    at = indexIn(jobs.visible, row, false);
  }
  if (at < 0) return false;
  moveToRow(state, at);
  return true;
}

/** Moves the cursor to a visible row of the jobs. A row outside the window comes to its middle. */
export function moveToRow(state: State, at: number): void {
  const { list, visible } = state.jobs;
  const height = listHeight(state, 'jobs');
  if (at >= list.top && at < list.top + height) moveTo(list, at, visible.length, height);
  else centre(list, at, visible.length, height);
}

/** Records the current place before another document is shown. */
export function visit(state: State): void {
  const { log, jobs } = state;
  const index = jobs.visible[jobs.list.cursor];
  state.back.push({
    shown: log.shown,
    position: { top: log.top, row: log.row, cursor: log.cursor, left: log.left },
    focus: state.focus,
    row: index === undefined ? undefined : jobs.tree.keyOf(index),
  });
  if (state.back.length > 100) state.back.shift();
}

export function goBack(state: State): Effect[] {
  const visited = state.back.pop();
  if (!visited) {
    state.message = 'nowhere to go back to';
    return [];
  }
  const row = visited.row && state.jobs.tree.rowWithKey(visited.row);
  if (row !== undefined) selectRow(state, row);
  state.log.shown = visited.shown;
  state.log.ownLog = visited.shown.kind === 'log' && visited.shown.job?.id === ROOT;
  Object.assign(state.log, visited.position);
  state.focus = visited.focus;
  return resized(state);
}

/** The list of a pane, builds or jobs, by default of the focused one, and its number of rows. */
export function listOf(
  state: State,
  pane = state.focus,
): { readonly list: ListState; readonly count: number } {
  return pane === 'builds'
    ? { list: state.buildList, count: buildRows(state).rows.length }
    : { list: state.jobs.list, count: state.jobs.visible.length };
}
