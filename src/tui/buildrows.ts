// The rows of the builds pane: builds, newest first, with a row for each day between them. The cursor is on
// builds only. Changes only the state.

import { escapeName } from '../model/printable.ts';
import { dayName, duration, localTime } from '../render/formats.ts';
import { moveTo, settle } from './list.ts';
import { type BuildItem, type State, buildsShown, durationOf } from './state.ts';
import { textWidth } from '../documents/spans.ts';

/** A build, or the name of the day of those below it. */
export type BuildRow =
  | { readonly day: string; readonly build?: undefined }
  | { readonly build: BuildItem; /** Counted from 1. */ readonly number: number };

/** The rows of the builds that fit the filter, with the widths of their columns. */
export interface BuildRows {
  readonly rows: readonly BuildRow[];
  /** How many of them are builds. */
  readonly builds: number;
  readonly commandWidth: number;
}

/** `08:31`, in local time. */
export const clockTime = (at: number): string => localTime(new Date(at)).slice(-5);

/**
 * How long a build took, or has taken so far. The open build's time is the same as in the row at the top,
 * which is drawn more often.
 */
export function tookText({ id, state, at, ms }: BuildItem, { open, now }: State): string {
  const shown = id === open?.id ? durationOf(open) : state === 'running' && at !== undefined ? now - at : ms;
  return shown === undefined ? '?' : duration(Math.max(0, shown));
}

const known = new WeakMap<readonly BuildItem[], { readonly key: string; readonly rows: BuildRows }>();

export function buildRows(state: State): BuildRows {
  const today = dayKey(state.now);
  const key = `${today} ${state.buildFilter}`;
  const before = known.get(state.builds);
  if (before?.key === key) return before.rows;
  const builds = buildsShown(state);
  const rows: BuildRow[] = [];
  let day: string | undefined;
  let commandWidth = 0;
  for (const [i, build] of builds.entries()) {
    const name = build.at === undefined ? day : dayName(build.at, state.now);
    if (name !== undefined && name !== day) rows.push({ day: name });
    day = name;
    rows.push({ build, number: i + 1 });
    commandWidth = Math.max(commandWidth, textWidth(escapeName(build.command)));
  }
  const made = { rows, builds: builds.length, commandWidth };
  known.set(state.builds, { key, rows: made });
  return made;
}

const dayKey = (ms: number): string => localTime(new Date(ms)).slice(0, 10);

/** The build under the cursor. */
export function selectedBuild(state: State): BuildItem | undefined {
  return buildRows(state).rows[state.buildList.cursor]?.build;
}

/** Moves the cursor to a row, or beyond the name of a day to the build next to it. */
export function moveToBuild(state: State, to: number, height: number): void {
  const { buildList: list } = state;
  const { rows } = buildRows(state);
  const down = to >= list.cursor;
  moveTo(list, to, rows.length, height);
  const isDay = (at: number): boolean => rows[at] !== undefined && rows[at].build === undefined;
  if (isDay(list.cursor))
    moveTo(list, list.cursor + (down || list.cursor === 0 ? 1 : -1), rows.length, height);
  // The day is shown above its first build.
  if (list.top === list.cursor && list.top > 0 && isDay(list.top - 1) && height > 1) list.top--;
}

/** Puts the cursor on a build. */
export function selectBuild(state: State, id: string | undefined, height: number): void {
  const { rows } = buildRows(state);
  const at = rows.findIndex(({ build }) => build?.id === id);
  if (at >= 0) moveToBuild(state, at, height);
  else {
    settle(state.buildList, rows.length, height);
    moveToBuild(state, state.buildList.cursor, height);
  }
}

/** Replaces the builds. The cursor stays on its build. */
export function setBuilds(state: State, builds: BuildItem[], height: number): void {
  const before = selectedBuild(state)?.id;
  state.builds = builds;
  selectBuild(state, before, height);
}
