// The effect of the mouse: a click goes to a row, folds it or opens it; the wheel scrolls the pane below the
// pointer, which does not take the focus. Changes only the state.

import { MOVING, PANES, moveInList } from './actions/moving.ts';
import { moveToBuild } from './buildrows.ts';
import type { Mouse, Pane } from './keys.ts';
import { moveTo } from './list.ts';
import { fill, scroll } from './logview.ts';
import { isBare } from './layout.ts';
import { listHeight, logWindow, resized, screenLayout } from './panesize.ts';
import { listOf, refreshRows, treeView } from './selection.ts';
import type { Effect, State } from './state.ts';
import { isFlat } from '../documents/tree.ts';
import { scrollHelp } from './update.ts';
import { indentOf } from './views/jobspane.ts';

/** How many lines a turn of the wheel moves. */
const WHEEL = 3;

/** Handles a click or a turn of the wheel. */
export function point(state: State, { kind, x, y }: Mouse): Effect[] {
  if (state.question || state.prompt) return [];
  const lines = kind === 'up' ? -WHEEL : WHEEL;
  if (state.help !== undefined) return kind === 'click' ? [] : scrollHelp(state, state.help + lines);
  const { panes } = screenLayout(state);
  const pane = PANES.find((one) => {
    const rect = panes[one];
    return rect && x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
  });
  if (!pane) return [];
  state.auto = false;
  if (kind !== 'click') return turn(state, pane, lines);
  const before = state.focus;
  state.focus = pane;
  if (before !== pane) resized(state);
  // The panes may be elsewhere now.
  const rect = screenLayout(state).panes[pane];
  const titleRows = pane === 'log' && isBare(state) ? 0 : 1;
  const row = rect ? y - rect.y - titleRows : -1;
  if (!rect || row < 0) return [];
  const focused = before === pane;
  return pane === 'log' ? clickLog(state, row, focused) : clickList(state, pane, row, x - rect.x, focused);
}

/** Scrolls a pane. In a list, the cursor stays in the window. */
function turn(state: State, pane: Pane, lines: number): Effect[] {
  if (pane === 'log') {
    if (lines < 0) state.log.follow = false;
    scroll(state.log.shown.document, state.log, logWindow(state), lines);
    return [];
  }
  const { list, count } = listOf(state, pane);
  const height = listHeight(state, pane);
  const before = list.cursor;
  list.top = Math.max(0, Math.min(list.top + lines, count - height));
  const to = Math.max(list.top, Math.min(list.cursor, list.top + height - 1));
  if (to === before) return [];
  if (pane === 'builds') moveToBuild(state, to, height);
  else moveTo(list, to, count, height);
  return [{ do: pane === 'builds' ? 'preview' : 'show' }];
}

/** @param focused whether the log had the focus before. */
function clickLog(state: State, row: number, focused: boolean): Effect[] {
  const { log } = state;
  const { line } = fill(log.shown.document, log, logWindow(state))[row] ?? {};
  if (!line) return [];
  if (focused && log.cursor === line.start) return MOVING.open(state);
  log.cursor = line.start;
  return [];
}

/** @param x the column within the pane. @param focused whether it had the focus before. */
function clickList(
  state: State,
  pane: 'builds' | 'jobs',
  row: number,
  x: number,
  focused: boolean,
): Effect[] {
  const { list, count } = listOf(state, pane);
  const at = list.top + row;
  if (at >= count) return [];
  if (pane === 'jobs' && foldAt(state, at, x)) return [{ do: 'show' }];
  if (focused && at === list.cursor) return MOVING.open(state);
  return moveInList(state, at);
}

/** Folds or unfolds a row whose sign for that is at a column. @returns whether it is. */
function foldAt(state: State, at: number, x: number): boolean {
  const { jobs } = state;
  const index = jobs.visible[at];
  if (index === undefined || isFlat(treeView(state)) || jobs.tree.isReference(index)) return false;
  const job = jobs.tree.job(index);
  const sign = indentOf(jobs.tree.depth(index));
  if (!job || x < sign || x > sign + 1 || !jobs.tree.hasChildren(index, jobs.needRows)) return false;
  moveTo(jobs.list, at, jobs.visible.length, listHeight(state, 'jobs'));
  if (!jobs.folded.delete(job)) jobs.folded.add(job);
  refreshRows(state);
  return true;
}
