// What all panes are made of: titles, rows of lists, the blank rest. Pure: rows as wide as their rectangle.

import { elideMiddle } from '../../render/width.ts';
import type { Pane } from '../keys.ts';
import type { Rect } from '../layout.ts';
import type { State } from '../state.ts';
import { type Row, fit, pinned, restyled, rowWidth, span } from '../../documents/spans.ts';
import { BOLD, CURSOR, CURSOR_ELSEWHERE } from './marks.ts';

/** A pane's title: its content on the left, remarks about it on the right. */
export function title(state: State, pane: Pane, left: string, right: Row, width: number): Row {
  const room = width - rowWidth(right) - 2;
  return titleRow(state, pane, [span(elideMiddle(left, Math.max(4, room)), BOLD)], right, width);
}

/**
 * Like title, for a row on the left that fits. The title of the pane that has the focus is reversed, and a
 * coloured remark in it is a badge of that colour. Others are underlined: dim ones could not be read when
 * they are reversed.
 */
export function titleRow(state: State, pane: Pane, left: Row, right: Row, width: number): Row {
  const base = state.focus === pane ? CURSOR : CURSOR_ELSEWHERE;
  const painted = (row: Row): Row =>
    row.map(({ text, style }) => span(text, style === '' ? base : `${base};${style}`));
  const gap = Math.max(1, width - rowWidth(left) - rowWidth(right) - 2);
  const row = [
    span(' ', `${base};${BOLD}`),
    ...painted(left),
    span(' '.repeat(gap), base),
    ...pinned(painted(right)),
  ];
  return fit([...row, span(' ', base)], width, base);
}

/** A row of a list, with its right part if that fits. */
export function listRow(left: Row, right: Row, width: number, cursor: string | undefined): Row {
  const aside = rowWidth(right) + 1;
  const room = width - aside;
  const row = room < 16 ? fit(left, width) : [...fit(left, room), ...pinned([span(' '), ...right])];
  if (cursor === undefined) return row;
  // Colours and dim text could not be read when they are reversed.
  const whole = fit(row, width);
  return cursor === CURSOR ? whole.map((one) => ({ ...one, style: CURSOR })) : restyled(whole, cursor);
}

export function cursorOf(state: State, pane: Pane, here: boolean): string | undefined {
  if (!here) return undefined;
  return state.focus === pane ? CURSOR : CURSOR_ELSEWHERE;
}

/** Fills rows up to the height and width of the rectangle. */
export function filled(rows: readonly Row[], rect: Rect): Row[] {
  const out = rows.slice(0, rect.height).map((row) => fit(row, rect.width));
  while (out.length < rect.height) out.push([span(' '.repeat(rect.width))]);
  return out;
}
