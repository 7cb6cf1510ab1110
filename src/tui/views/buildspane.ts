// The pane with the list of builds, as rows of styled text: a table that is no wider than its contents. Pure.

import { escapeName } from '../../model/printable.ts';
import { elideMiddle } from '../../render/width.ts';
import { buildRows, clockTime, tookText } from '../buildrows.ts';
import type { Rect } from '../layout.ts';
import type { BuildItem, State } from '../state.ts';
import { type Row, type Span, pinned, rowWidth, span, textWidth } from '../../documents/spans.ts';
import { BOLD, DIM, RED, MAGENTA, buildMark } from './marks.ts';
import { cursorOf, filled, listRow, title } from './parts.ts';

/** The columns before the command: a mark, the time of day, blanks. */
const BEFORE = 8;
/** A command is not shown in fewer columns, while other columns can be dropped. */
const LEAST_COMMAND = 16;

/** The columns behind the command. Each is as wide as its widest cell. */
type Column = 'jobs' | 'bad' | 'took' | 'revision';
const COLUMNS: readonly Column[] = ['jobs', 'bad', 'took', 'revision'];
/** In which order they are dropped. */
const DROPPED: readonly Column[] = ['revision', 'jobs', 'bad'];

function cellsOf(build: BuildItem, state: State): Readonly<Record<Column, Row>> {
  const { jobs, failed, id } = build;
  const warnings = state.problemCounts.get(id)?.warnings ?? 0;
  return {
    jobs: jobs === undefined ? [] : [span(`${jobs} ${jobs === 1 ? 'job' : 'jobs'}`, DIM)],
    bad: [
      ...(failed ? [span(`${failed} failed`, RED)] : []),
      ...(failed && warnings > 0 ? [span(' ')] : []),
      ...(warnings > 0 ? [span(`${warnings} warn`, MAGENTA)] : []),
    ],
    took: [span(tookText(build, state), DIM)],
    revision: build.revision === '' ? [] : [span(escapeName(build.revision).slice(0, 8), DIM)],
  };
}

interface Table {
  readonly cells: ReadonlyMap<BuildItem, Readonly<Record<Column, Row>>>;
  readonly widths: ReadonlyMap<Column, number>;
  readonly command: number;
}

/** Lays out the rows from one on. */
function tableOf(state: State, from: number, most: number, width: number): Table {
  const { rows, commandWidth } = buildRows(state);
  const cells = new Map<BuildItem, Readonly<Record<Column, Row>>>();
  for (const { build } of rows.slice(from, from + most)) if (build) cells.set(build, cellsOf(build, state));
  const widths = new Map<Column, number>();
  for (const column of COLUMNS) {
    let widest = 0;
    for (const row of cells.values()) widest = Math.max(widest, rowWidth(row[column]));
    if (widest > 0) widths.set(column, widest);
  }
  const left = (): number => [...widths.values()].reduce((room, one) => room - one - 2, width - BEFORE - 1);
  for (const column of DROPPED) if (left() < Math.min(LEAST_COMMAND, commandWidth)) widths.delete(column);
  return { cells, widths, command: Math.max(4, Math.min(commandWidth, left())) };
}

/** How many columns the contents of the pane take. */
export function buildsWidth(state: State): number {
  const { widths, command } = tableOf(state, state.buildList.top, state.height, Infinity);
  return [...widths.values()].reduce((sum, one) => sum + one + 2, BEFORE + command + 2);
}

export function buildsPane(state: State, rect: Rect): Row[] {
  const { rows, builds } = buildRows(state);
  const { cursor, top } = state.buildList;
  const filter = state.buildFilter === '' ? '' : ` /${escapeName(state.buildFilter)}`;
  const here = rows[cursor];
  const position = here?.build ? `${here.number}/${builds}` : String(builds);
  const out = [title(state, 'builds', `Builds${filter}`, [span(position)], rect.width)];
  const table = tableOf(state, top, rect.height, rect.width);
  for (let i = top; i < rows.length && out.length < rect.height; i++) {
    const row = rows[i]!;
    if (row.build)
      out.push(
        listRow(buildRow(row.build, table, state), [], rect.width, cursorOf(state, 'builds', i === cursor)),
      );
    else out.push([span(` ${row.day}`, BOLD)]);
  }
  if (rows.length === 0)
    out.push([
      span(state.builds.length > 0 ? ' no build fits' : ' no builds yet; record one: loglin make', DIM),
    ]);
  return filled(out, rect);
}

function buildRow(build: BuildItem, { cells, widths, command }: Table, state: State): Span[] {
  const text = elideMiddle(escapeName(build.command), command);
  const out: Span[] = [
    buildMark(build.state, state.ascii),
    ...pinned([span(` ${build.at === undefined ? '?'.padStart(5) : clockTime(build.at)}  `, DIM)]),
    span(text, build.id === state.open?.id ? BOLD : ''),
    span(' '.repeat(Math.max(0, command - textWidth(text)))),
  ];
  for (const [column, width] of widths) {
    const cell = cells.get(build)?.[column] ?? [];
    const blank = span(' '.repeat(Math.max(0, width - rowWidth(cell))));
    const right = column === 'jobs' || column === 'took';
    out.push(...pinned([span('  '), ...(right ? [blank, ...cell] : [...cell, blank])]));
  }
  return out;
}
