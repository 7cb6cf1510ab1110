// The pane with the list of builds, as rows of styled text. Pure.

import { escapeName } from '../../model/printable.ts';
import { age, duration } from '../../render/formats.ts';
import type { Rect } from '../layout.ts';
import { type BuildItem, type State, buildsShown, durationOf } from '../state.ts';
import { type Row, pinned, span } from '../text/spans.ts';
import { BOLD, DIM, RED, buildMark } from './marks.ts';
import { cursorOf, filled, listRow, title } from './parts.ts';

export function buildsPane(state: State, rect: Rect): Row[] {
  const rows = buildsShown(state);
  const filter = state.buildFilter === '' ? '' : ` /${escapeName(state.buildFilter)}`;
  const out = [
    title(
      state,
      'builds',
      `Builds${filter}`,
      [span(rows.length === 0 ? '0' : `${state.buildList.cursor + 1}/${rows.length}`)],
      rect.width,
    ),
  ];
  const { cursor, top } = state.buildList;
  for (let i = top; i < rows.length && out.length < rect.height; i++) {
    const row = rows[i]!;
    const ms = timeOf(row, state);
    const left = [
      buildMark(row.state, state.ascii),
      ...pinned([span(` ${(row.at === undefined ? '?' : age(state.now - row.at)).padStart(3)} `, DIM)]),
      ...(row.id === state.open?.id
        ? [span(escapeName(row.command), BOLD)]
        : [span(escapeName(row.command))]),
    ];
    const right = [
      ...(row.failed ? [span(`${row.failed} failed `, RED)] : []),
      span((ms === undefined ? '?' : duration(ms)).padStart(6), DIM),
    ];
    out.push(listRow(left, right, rect.width, cursorOf(state, 'builds', i === cursor)));
  }
  if (rows.length === 0)
    out.push([
      span(state.builds.length > 0 ? ' no build fits' : ' no builds yet; record one: loglin make', DIM),
    ]);
  return filled(out, rect);
}

/** The open build's time is the same as in the row at the top, which is drawn more often. */
function timeOf(row: BuildItem, { open, now }: State): number | undefined {
  if (row.id === open?.id) return durationOf(open);
  return row.state === 'running' && row.at !== undefined ? now - row.at : row.ms;
}
