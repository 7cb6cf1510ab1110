// The scrollbar of the log pane: where the window is, and where problems and matches are.

import { ERROR, WARNING } from '../../documents/problemmarks.ts';
import type { ScreenRow } from '../logview.ts';
import type { State } from '../state.ts';
import { type Span, span } from '../../documents/spans.ts';
import { DIM, MAGENTA, RED } from './marks.ts';

/** The characters of the window's place and of ticks, and those of ASCII. Each is one column wide. */
const THUMB = ['▐', '|'] as const;
const ERRORS = ['■', '!'] as const;
const WARNINGS = ['▪', '-'] as const;
const MATCHES = ['=', '='] as const;

const REVERSED = '7';

/**
 * A character for each row.
 * @param shown the rows of the document in the window. @param match the style of matches.
 */
export function scrollbar(state: State, shown: readonly ScreenRow[], rows: number, match: string): Span[] {
  const { log, ascii } = state;
  const { document } = log.shown;
  const blank = Array.from({ length: rows }, () => span(' '));
  const end = document.knownEnd;
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last || !document.complete) return blank;
  if (first.line.start === 0 && first.piece === 0 && last.line.next >= end && shown.length <= rows)
    return blank;
  const rowOf = (offset: number): number => Math.floor((offset * rows) / end);
  const top = Math.min(rows - 1, rowOf(first.line.start));
  const bottom = last.line.next >= end ? rows - 1 : Math.max(top, rowOf(last.line.next) - 1);
  const problems = log.marks?.document === document ? log.marks.ticks.rows(rows, end) : undefined;
  const found =
    log.matches?.document === document && log.matches.pattern === log.pattern
      ? log.matches.ticks.rows(rows, end)
      : undefined;
  const sign = ([text, plain]: readonly [string, string], style: string): Span =>
    span(ascii ? plain : text, style);
  return blank.map((none, row) => {
    const here = row >= top && row <= bottom;
    const kinds = problems?.[row] ?? 0;
    // What is in the window is reversed.
    const tick = (signs: readonly [string, string], style: string): Span =>
      sign(signs, here ? `${style};7` : style);
    if (kinds & ERROR) return tick(ERRORS, RED);
    if (found?.[row]) return match === REVERSED ? sign(MATCHES, match) : tick(MATCHES, match);
    if (kinds & WARNING) return tick(WARNINGS, MAGENTA);
    return here ? sign(THUMB, DIM) : none;
  });
}
