// The log pane as rows of styled text. Pure: the state and a rectangle in, rows out, each as wide as the
// rectangle.

import { escapeName } from '../../model/printable.ts';
import { duration } from '../../render/formats.ts';
import { elideMiddle } from '../../render/width.ts';
import { matches } from '../../search/pattern.ts';
import type { Rect } from '../layout.ts';
import { type ScreenRow, fill } from '../logview.ts';
import { NUMBER_WIDTH, TIME_WIDTH, gutterWidth } from '../panesize.ts';
import type { State } from '../state.ts';
import {
  type Row,
  type Span,
  fit,
  highlighted,
  pinned,
  restyled,
  rowText,
  slices,
  span,
} from '../text/spans.ts';
import { BOLD, DIM, RED } from './marks.ts';
import { filled, title } from './parts.ts';

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
    log.follow ? (state.auto ? `follow ${state.ascii ? '-' : '─'} auto` : 'follow') : '',
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
