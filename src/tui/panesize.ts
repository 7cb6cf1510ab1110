// How much of the builds, jobs and log fits into their panes, and what to do when that changes.

import type { Pane } from './keys.ts';
import { type Layout, bodyHeight, isBare, layout } from './layout.ts';
import { buildRows, moveToBuild } from './buildrows.ts';
import { buildsWidth } from './views/buildspane.ts';
import { settle } from './list.ts';
import { type Window, goLast, goTo } from './logview.ts';
import type { Effect, State } from './state.ts';

/** The columns of the log pane's gutter: the cursor, line numbers, times. */
export const NUMBER_WIDTH = 8;
export const TIME_WIDTH = 9;

function gutterWidth(state: State): number {
  const { numbers, times } = state.log;
  return isBare(state) ? 0 : 1 + (numbers ? NUMBER_WIDTH : 0) + (times ? TIME_WIDTH : 0);
}

/** The columns of the log pane's scrollbar. */
function scrollbarWidth(state: State): number {
  return isBare(state) ? 0 : 1;
}

/** The positions of the panes. */
export function screenLayout(state: State): {
  readonly panes: Layout;
  readonly header: number | undefined;
  readonly bottom: number;
} {
  const { width, height, focus, zoomed } = state;
  const builds = { columns: buildsWidth(state), rows: Math.max(1, buildRows(state).rows.length) };
  return layout({ width, height, focus, zoomed, builds });
}

export function logWindow(state: State): Window {
  const rect = screenLayout(state).panes.log;
  const aside = gutterWidth(state) + scrollbarWidth(state);
  const titleRows = isBare(state) ? 0 : 1;
  return {
    columns: Math.max(1, (rect?.width ?? state.width) - aside),
    rows: Math.max(1, (rect?.height ?? state.height) - titleRows),
    wrap: state.log.wrap,
  };
}

export function listHeight(state: State, pane: Pane): number {
  return bodyHeight(screenLayout(state).panes[pane]) || 1;
}

/** Adapts the state to new sizes of the panes. */
export function resized(state: State): Effect[] {
  moveToBuild(state, state.buildList.cursor, listHeight(state, 'builds'));
  settle(state.jobs.list, state.jobs.visible.length, listHeight(state, 'jobs'));
  const { log } = state;
  const { document } = log.shown;
  if (log.follow) goLast(document, log, logWindow(state));
  else if (document.at(log.cursor)) goTo(document, log, logWindow(state), log.cursor);
  return [];
}
