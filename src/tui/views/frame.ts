// The whole screen: the panes side by side or stacked, with the bottom line; or the help. Pure.

import type { Pane } from '../keys.ts';
import { type Rect, isBare } from '../layout.ts';
import { screenLayout } from '../panesize.ts';
import type { State } from '../state.ts';
import { type Row, span } from '../../documents/spans.ts';
import { bottomLine } from './bottomline.ts';
import { headerRow } from './header.ts';
import { helpView } from './help.ts';
import { DIM } from './marks.ts';
import { buildsPane } from './buildspane.ts';
import { jobsPane } from './jobspane.ts';
import { cursorRow, logPane } from './log.ts';

/** A piece of a screen row, starting at a column. */
export interface PlacedRow {
  readonly x: number;
  readonly row: Row;
}

export interface Frame {
  /** For each row, its pieces from left to right. */
  readonly rows: readonly (readonly PlacedRow[])[];
  /** The position of the terminal's cursor if it is visible, which is in a prompt. */
  readonly cursor: { readonly x: number; readonly y: number } | undefined;
}

/** @param colour whether colours may be used. */
export function frame(state: State, colour: boolean): Frame {
  const { width, height } = state;
  if (width < 10 || height < 3) return { rows: [[{ x: 0, row: [span('?')] }]], cursor: undefined };
  const rows: PlacedRow[][] = Array.from({ length: height }, () => []);
  const { panes, header, bottom } = screenLayout(state);
  if (state.help !== undefined) {
    helpView(state, bottom).rows.forEach((row, y) => rows[y]!.push({ x: 0, row }));
  } else {
    if (header !== undefined) rows[header]!.push({ x: 0, row: headerRow(state, width) });
    const views: Record<Pane, (rect: Rect) => Row[]> = {
      builds: (rect) => buildsPane(state, rect),
      jobs: (rect) => jobsPane(state, rect),
      log: (rect) => logPane(state, rect, colour),
    };
    for (const pane of ['builds', 'jobs', 'log'] as const) {
      const rect = panes[pane];
      if (!rect) continue;
      views[pane](rect).forEach((row, i) => rows[rect.y + i]?.push({ x: rect.x, row }));
      if (rect.x > 0)
        for (let y = rect.y; y < rect.y + rect.height; y++)
          rows[y]?.push({ x: rect.x - 1, row: [span(state.ascii ? '|' : '│', DIM)] });
    }
  }
  const last = bottomLine(state);
  last.rows.forEach((row, i) => (rows[bottom + 1 - last.rows.length + i] = [{ x: 0, row }]));
  if (last.cursor !== undefined) return { rows, cursor: { x: last.cursor, y: bottom } };
  // Without a gutter, the terminal's own cursor says where the cursor is.
  const line = isBare(state) && state.help === undefined ? cursorRow(state) : undefined;
  return { rows, cursor: line === undefined ? undefined : { x: 0, y: panes.log!.y + line } };
}
