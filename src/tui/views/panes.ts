// The panes as rows of styled text. Pure: the state and a rectangle in, rows out, each as wide as the
// rectangle.

import { ROOT } from '../../model/ids.ts';
import { escapeName } from '../../model/printable.ts';
import { age, byteCount, duration, tenths } from '../../render/formats.ts';
import { elideMiddle } from '../../render/width.ts';
import { matches } from '../../search/pattern.ts';
import type { Pane } from '../keys.ts';
import type { Rect } from '../layout.ts';
import { type ScreenRow, fill } from '../logview.ts';
import { type State, buildsShown, durationOf } from '../state.ts';
import {
  type Row,
  type Span,
  fit,
  highlighted,
  pinned,
  restyled,
  rowText,
  rowWidth,
  slices,
  span,
  textWidth,
} from '../text/spans.ts';
import { type TreeView, isFlat } from '../tree.ts';
import { NUMBER_WIDTH, TIME_WIDTH, gutterWidth } from '../panesize.ts';
import { treeView } from '../selection.ts';
import { BOLD, CURSOR, CURSOR_ELSEWHERE, DIM, RED, buildMark, criticalMark, jobMark } from './marks.ts';

/** A pane's title: its content on the left, remarks about it on the right. */
function title(state: State, pane: Pane, left: string, right: Row, width: number): Row {
  const focused = state.focus === pane;
  const style = focused ? '7;1' : '7;2';
  const room = width - rowWidth(right) - 2;
  const name = ` ${elideMiddle(left, Math.max(4, room))}`;
  const gap = width - textWidth(name) - rowWidth(right) - 1;
  return fit(
    restyled(
      [span(name), span(' '.repeat(Math.max(1, gap))), ...pinned(right), span(' ')],
      focused ? '7' : style,
    ),
    width,
    style,
  ).map((one, i) => (i === 0 && focused ? { text: one.text, style: '7;1' } : one));
}

/** A row of a list, with its right part if that fits. */
function listRow(left: Row, right: Row, width: number, cursor: string | undefined): Row {
  const aside = rowWidth(right) + 1;
  const room = width - aside;
  const row = room < 16 ? fit(left, width) : [...fit(left, room), ...pinned([span(' '), ...right])];
  return cursor === undefined ? row : restyled(fit(row, width), cursor);
}

function cursorOf(state: State, pane: Pane, here: boolean): string | undefined {
  if (!here) return undefined;
  return state.focus === pane ? CURSOR : CURSOR_ELSEWHERE;
}

export function buildsPane(state: State, rect: Rect): Row[] {
  const rows = buildsShown(state);
  const filter = state.buildFilter === '' ? '' : ` /${escapeName(state.buildFilter)}`;
  const out = [title(state, 'builds', `Builds${filter}`, [span(String(rows.length))], rect.width)];
  const { cursor, top } = state.buildList;
  for (let i = top; i < rows.length && out.length < rect.height; i++) {
    const row = rows[i]!;
    const ms =
      row.id === state.open?.id
        ? durationOf(state.open)
        : row.state === 'running' && row.at !== undefined
          ? state.now - row.at
          : row.ms;
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

export function jobsPane(state: State, rect: Rect): Row[] {
  const { jobs, open } = state;
  const view = treeView(state);
  const flat = isFlat(view);
  const modes = [
    view.filter === '' ? '' : `/${escapeName(view.filter)}`,
    view.failed ? 'failed' : '',
    view.running ? 'running' : '',
    view.slow ? 'slow first' : '',
    jobs.order === 'launch' ? 'launch order' : '',
    jobs.unchanged ? 'unchanged too' : '',
  ].filter((word) => word !== '');
  const { counts } = jobs;
  // The wrapped command has a row, but is not a job.
  const root = open?.build.jobs[ROOT];
  const at = (root && jobs.tree.rowOf(root)) ?? -1;
  const right = [
    ...(open && open.loaded < 1 ? [span(`${Math.floor(open.loaded * 100)} % read  `)] : []),
    ...(flat ? [span(`${jobs.visible.length - (jobs.visible.includes(at) ? 1 : 0)} of `)] : []),
    span(`${flat ? jobs.tree.jobRows.length - (at < 0 ? 0 : 1) : counts.jobs}`),
    ...(counts.failed > 0 ? [span(', '), span(`${counts.failed} failed`, RED)] : []),
    ...(counts.running > 0 ? [span(`, ${counts.running} running`)] : []),
  ];
  const out = [title(state, 'jobs', ['Jobs', ...modes].join('  '), right, rect.width)];
  const { cursor, top } = jobs.list;
  for (let i = top; open && i < jobs.visible.length && out.length < rect.height; i++)
    out.push(jobRow(state, jobs.visible[i]!, flat, rect.width, cursorOf(state, 'jobs', i === cursor)));
  if (open && jobs.visible.length === 0)
    out.push([span(open.loaded < 1 ? ' reading...' : ` ${emptyText(view)}; Esc shows all`, DIM)]);
  if (!open) out.push([span(' no build is open', DIM)]);
  return filled(out, rect);
}

/** Explains why no row is shown. */
function emptyText({ filter, failed, running }: TreeView): string {
  if (filter !== '') return 'no such job';
  return failed && !running ? 'nothing failed' : 'nothing runs';
}

/** Rows deeper than this are not indented further. */
const DEEPEST = 20;

function jobRow(state: State, index: number, flat: boolean, width: number, cursor: string | undefined): Row {
  const { jobs, ascii } = state;
  const open = state.open!;
  const { kind, depth, job, name } = jobs.tree.row(index);
  const indent = flat ? '' : '  '.repeat(Math.min(depth, DEEPEST));
  const folds = !flat && kind === 'job' && jobs.tree.hasChildren(index);
  const sign = ascii ? ['+', '-'] : ['▸', '▾'];
  const fold = folds ? (job && jobs.folded.has(job) ? sign[0] : sign[1]) : ' ';
  if (!job)
    return listRow(
      [span(`${indent}${fold} `), span(`${escapeName(name)} never ran`, DIM)],
      [],
      width,
      cursor,
    );
  const critical = jobs.critical?.has(job) ?? false;
  const shown = escapeName(open.nameOf(job));
  const mark = kind === 'seen' ? span(ascii ? '^' : '↑', DIM) : jobMark(job, open, ascii);
  const style = kind === 'seen' || open.isEarlier(job) ? DIM : critical ? '1;35' : '';
  const right: Row =
    kind === 'seen'
      ? []
      : [
          ...(width >= 50 && job.size > 0 ? [span(`${byteCount(job.size)} `.padStart(6), DIM)] : []),
          span(timeText(state, job).padStart(6), DIM),
        ];
  const room = width - rowWidth(right) - 1 - indent.length - 4 - (critical ? 2 : 0);
  const left: Span[] = [
    span(`${indent}${fold} `),
    ...pinned([mark]),
    ...pinned([span(' ')]),
    ...pinned([span(room > 8 ? elideMiddle(shown, room) : shown, style)]),
    ...(critical ? [span(` ${criticalMark(ascii)}`, '1;35')] : []),
  ];
  return listRow(left, right, width, cursor);
}

function timeText(state: State, job: State['log']['shown']['job']): string {
  const open = state.open!;
  if (!job) return '';
  if (job === open.build.jobs[ROOT]) {
    const ms = durationOf(open);
    return ms === undefined ? '?' : open.state === 'running' ? tenths(ms) : duration(ms);
  }
  if (job.ended !== undefined) return duration(Math.max(0, job.ended - job.started));
  return open.state === 'running' && !open.isEarlier(job) ? tenths(Math.max(0, open.now - job.started)) : '?';
}

/** The style of search matches. */
const MATCH = '30;43';
const MATCH_WITHOUT_COLOUR = '7';

export function logPane(state: State, rect: Rect, colour: boolean): Row[] {
  const { log } = state;
  const { document, numbers, timeOf } = log.shown;
  const body = {
    columns: Math.max(1, rect.width - gutterWidth(state)),
    rows: rect.height - 1,
    wrap: log.wrap,
  };
  const rows = fill(document, log, body);
  const known = document.knownEnd;
  const last = rows.at(-1)?.line.next ?? 0;
  const part = known === 0 ? '' : last >= known ? 'end' : `${Math.floor((last / known) * 100)}%`;
  const modes = [
    log.searching ? 'searching...' : '',
    log.timing ? 'reading times...' : '',
    log.pattern ? `/${log.pattern.line.source}` : '',
    log.follow ? 'follow' : '',
    part,
  ].filter((word) => word !== '');
  const out = [
    title(
      state,
      'log',
      escapeName(log.shown.title),
      [span(slicePlain(modes.join('  '), rect.width >> 1))],
      rect.width,
    ),
  ];
  if (document.warning !== undefined && out.length < rect.height)
    out.push(fit([span(` ${elideMiddle(escapeName(document.warning), rect.width - 1)}`, RED)], rect.width));
  const texts = rowTexts(rows, body.columns, (spans) =>
    log.pattern
      ? highlighted(spans, matches(log.pattern, rowText(spans)), colour ? MATCH : MATCH_WITHOUT_COLOUR)
      : spans,
  );
  for (const [i, { line, piece }] of rows.entries()) {
    if (out.length >= rect.height) break;
    const here = line.start === log.cursor;
    const gutter: Span[] = [
      span(here && piece === 0 ? (state.ascii ? '>' : '▌') : ' ', state.focus === 'log' ? BOLD : DIM),
    ];
    if (log.numbers) {
      const number = piece > 0 || line.continued || !numbers ? '' : (numbers.of(line.start) ?? '...');
      gutter.push(span(`${String(number).padStart(NUMBER_WIDTH - 1)} `, DIM));
    }
    if (log.times) {
      const ms = piece === 0 && line.origin ? timeOf?.(line.origin.job, line.origin.at) : undefined;
      gutter.push(span((ms === undefined ? '' : duration(ms)).padStart(TIME_WIDTH - 1) + ' ', DIM));
    }
    const cut = fit(texts[i]!, body.columns);
    out.push([...gutter, ...pinned(line.mark && !line.text.includes('\x1b') ? restyled(cut, BOLD) : cut)]);
  }
  if (rows.length === 0 && out.length < rect.height && log.shown.title !== '')
    out.push([span('  (empty)', DIM)]);
  return filled(out, rect);
}

/** The texts of the rows. All rows of a line are cut from it at once, since it may be long. */
function rowTexts(
  rows: readonly ScreenRow[],
  columns: number,
  marked: (spans: Row) => Row,
): readonly (readonly Span[])[] {
  const out: Span[][] = [];
  for (let i = 0; i < rows.length;) {
    const { line, spans } = rows[i]!;
    let end = i + 1;
    while (end < rows.length && rows[end]!.line.start === line.start) end++;
    const stretches = rows.slice(i, end).map(({ from }) => [from, from + columns] as const);
    // If a wide character did not fit, the next row begins before the end of the window.
    const apart = stretches.map(
      ([from, to], k) => [from, Math.min(to, stretches[k + 1]?.[0] ?? to)] as const,
    );
    out.push(...slices(marked(spans), apart));
    i = end;
  }
  return out;
}

function slicePlain(text: string, columns: number): string {
  return elideMiddle(escapeName(text), columns);
}

/** Fills rows up to the height and width of the rectangle. */
function filled(rows: readonly Row[], rect: Rect): Row[] {
  const out = rows.slice(0, rect.height).map((row) => fit(row, rect.width));
  while (out.length < rect.height) out.push([span(' '.repeat(rect.width))]);
  return out;
}
