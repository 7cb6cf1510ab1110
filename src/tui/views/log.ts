// The log pane as rows of styled text. Pure: the state and a rectangle in, rows out, each as wide as the
// rectangle.

import { escapeName } from '../../model/printable.ts';
import { EchoedCommands, commandAt } from '../../render/echoed.ts';
import { duration } from '../../render/formats.ts';
import { highlightLine } from '../../render/highlight.ts';
import { elideMiddle } from '../../render/width.ts';
import { rangesIn } from '../../documents/find.ts';
import type { DocumentLine } from '../../documents/document.ts';
import { type Rect, isBare } from '../layout.ts';
import { type ScreenRow, fill } from '../logview.ts';
import { NUMBER_WIDTH, TIME_WIDTH, logWindow } from '../panesize.ts';
import type { State } from '../state.ts';
import {
  type Row,
  type Span,
  fit,
  highlighted,
  parseLine,
  pinned,
  restyled,
  slices,
  span,
} from '../../documents/spans.ts';
import { logTitle } from './logtitle.ts';
import { BOLD, DIM, RED } from './marks.ts';
import { filled } from './parts.ts';
import { scrollbar } from './scrollbar.ts';

/** The style of search matches. */
const MATCH = '30;43';
const MATCH_WITHOUT_COLOUR = '7';

export function logPane(state: State, rect: Rect, colour: boolean): Row[] {
  const { log } = state;
  const { document } = log.shown;
  const body = logWindow(state);
  const rows = fill(document, log, body);
  const bare = isBare(state);
  const out: Row[] = bare ? [] : [logTitle(state, rows, rect.width)];
  const match = colour ? MATCH : MATCH_WITHOUT_COLOUR;
  if (document.warning !== undefined && out.length < rect.height)
    out.push(fit([span(` ${elideMiddle(escapeName(document.warning), rect.width - 1)}`, RED)], rect.width));
  const texts = rowTexts(rows, body.columns, (line, spans) => {
    const painted = colouredLine(line, spans);
    return log.pattern ? highlighted(painted, rangesIn(log.pattern, line, spans), match) : painted;
  });
  const bar = bare ? [] : scrollbar(state, rows, body.rows, match);
  for (const [i, row] of rows.entries()) {
    if (out.length >= rect.height) break;
    const { text, cut } = texts[i]!;
    const { line } = row;
    const fitted = fit(text, body.columns);
    const painted = line.mark && !line.text.includes('\x1b') ? restyled(fitted, BOLD) : fitted;
    if (bare) {
      out.push(painted);
      continue;
    }
    const end = cut ? [...fit(painted, body.columns - 1), span(state.ascii ? '>' : '›', DIM)] : painted;
    out.push([...gutter(state, row), ...pinned(end), ...pinned([bar[i] ?? span(' ')])]);
  }
  if (rows.length === 0 && out.length < rect.height && log.shown.title !== '')
    out.push([span(bare ? '(empty)' : '  (empty)', DIM)]);
  for (let i = rows.length; i < bar.length && out.length < rect.height; i++)
    out.push([...fit([], rect.width - 1), ...pinned([bar[i]!])]);
  return filled(out, rect);
}

/** The row of the pane in which the cursor's line begins; undefined if that is not visible. */
export function cursorRow(state: State): number | undefined {
  const { log } = state;
  const rows = fill(log.shown.document, log, logWindow(state));
  const at = rows.findIndex(({ line, piece }) => line.start === log.cursor && piece === 0);
  return at < 0 ? undefined : at + (log.shown.document.warning === undefined ? 0 : 1);
}

/** What stands before a line: the cursor, its number, its time. */
function gutter(state: State, { line, piece }: ScreenRow): Span[] {
  const { log, ascii } = state;
  const { numbers, timeOf } = log.shown;
  const here = line.start === log.cursor && piece === 0;
  const cursor = here ? (ascii ? '>' : '▌') : log.left > 0 && !log.wrap ? (ascii ? '<' : '‹') : ' ';
  const out: Span[] = [span(cursor, here && state.focus === 'log' ? BOLD : DIM)];
  if (log.numbers) {
    const number = piece > 0 || line.continued || !numbers ? '' : (numbers.of(line.start) ?? '...');
    out.push(span(`${String(number).padStart(NUMBER_WIDTH - 1)} `, DIM));
  }
  if (log.times) {
    const ms = piece === 0 && line.origin ? timeOf?.(line.origin.job, line.origin.at) : undefined;
    out.push(span((ms === undefined ? '' : duration(ms)).padStart(TIME_WIDTH - 1) + ' ', DIM));
  }
  return out;
}

/** Longer lines are not coloured. */
const LONGEST = 8192;
const commands = new EchoedCommands();

/** Colours a line of a log whose program wrote no colours. */
function colouredLine({ text, origin, mark }: DocumentLine, spans: Row): Row {
  if (!origin || mark || text.length > LONGEST || text.includes('\x1b')) return spans;
  const latin1 = /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text).toString('latin1');
  const painted = highlightLine(
    text,
    commandAt(latin1, 0, latin1.length, commands.of(origin.job)) !== undefined,
  );
  return painted === text ? spans : parseLine(painted);
}

/** The part of a line in a row, and whether the line goes on to the right of it. */
interface RowText {
  readonly text: Row;
  readonly cut: boolean;
}

/** The texts of the rows. All rows of a line are cut from it at once, since it may be long. */
function rowTexts(
  rows: readonly ScreenRow[],
  columns: number,
  painted: (line: DocumentLine, spans: Row) => Row,
): readonly RowText[] {
  const out: RowText[] = [];
  for (let i = 0; i < rows.length;) {
    const { line, spans, from, wrapped } = rows[i]!;
    let end = i + 1;
    while (end < rows.length && rows[end]!.line.start === line.start) end++;
    const row = painted(line, spans);
    if (!wrapped) {
      const middle = from + columns;
      const [text = [], rest = []] = slices(row, [
        [from, middle],
        [middle, middle + 1],
      ]);
      out.push({ text, cut: rest.length > 0 });
      i = end;
      continue;
    }
    // A row may end before the window does: at a blank, or because a wide character did not fit.
    const stretches = rows.slice(i, end).map(({ from: at, to }) => [at, Math.min(at + columns, to)] as const);
    out.push(...slices(row, stretches).map((text) => ({ text, cut: false })));
    i = end;
  }
  return out;
}
