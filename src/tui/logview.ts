// Moves in a document by rows of the screen: the positions of the window and of the cursor. Pure, except for
// what the document reads.

import { type Document, type DocumentLine, lastLine } from '../documents/document.ts';
import { rangesIn } from '../documents/find.ts';
import type { SearchPattern } from '../search/pattern.ts';
import type { Position } from './state.ts';
import { type Row, columnsOf, parseLine } from '../documents/spans.ts';
import { wrapAt } from './text/wrap.ts';

/** One row of the screen. */
export interface ScreenRow {
  readonly line: DocumentLine;
  readonly spans: Row;
  /** The first visible column of the line, and which piece of the line the row shows. */
  readonly from: number;
  readonly piece: number;
  /** Where the next piece begins. */
  readonly to: number;
  readonly wrapped: boolean;
}

export interface Window {
  readonly columns: number;
  readonly rows: number;
  readonly wrap: boolean;
}

interface Cut {
  readonly spans: Row;
  readonly cuts: readonly number[];
}

/** A cache of the lines last shown that are much longer than a row. Reading and cutting them takes long. */
const longLines = new Map<string, { readonly spans: Row; cuts?: readonly number[]; columns?: number }>();
const LONG = 2000;
const MOST_LONG = 64;

function cutsOf({ text }: DocumentLine, { columns, wrap }: Window): Cut {
  let known = longLines.get(text);
  if (!known) {
    known = { spans: parseLine(text) };
    if (text.length > LONG) {
      if (longLines.size >= MOST_LONG) longLines.clear();
      longLines.set(text, known);
    }
  }
  const { spans } = known;
  if (!wrap) return { spans, cuts: [0] };
  if (!known.cuts || known.columns !== columns)
    Object.assign(known, { cuts: wrapAt(spans, columns), columns });
  return { spans, cuts: known.cuts! };
}

/** Returns the rows from the window's top on; fewer if the text ends. */
export function fill(document: Document, position: Position, window: Window): ScreenRow[] {
  const out: ScreenRow[] = [];
  let skip = position.row;
  for (
    let line = document.at(position.top);
    line && out.length < window.rows;
    line = document.at(line.next)
  ) {
    const { spans, cuts } = cutsOf(line, window);
    for (
      let piece = Math.min(skip, cuts.length - 1);
      piece < cuts.length && out.length < window.rows;
      piece++
    )
      out.push({
        line,
        spans,
        from: window.wrap ? cuts[piece]! : position.left,
        to: cuts[piece + 1] ?? Infinity,
        piece,
        wrapped: window.wrap,
      });
    skip = 0;
  }
  return out;
}

/**
 * Scrolls down by so many rows, but not beyond the position in which the end is at the bottom.
 * @returns false if it could not scroll.
 */
function scrollDown(document: Document, position: Position, window: Window, rows: number): boolean {
  const old = { top: position.top, row: position.row };
  for (let left = rows; left > 0;) {
    const line = document.at(position.top);
    if (!line) break;
    const { cuts } = cutsOf(line, window);
    const below = cuts.length - position.row;
    if (left < below) {
      position.row += left;
      break;
    }
    left -= below;
    position.top = line.next;
    position.row = 0;
  }
  // If too little remains to fill the window, scrolls back up.
  if (fill(document, position, window).length < window.rows) toEnd(document, position, window);
  if (before(position, old)) Object.assign(position, old);
  return position.top !== old.top || position.row !== old.row;
}

const before = (a: { top: number; row: number }, b: { top: number; row: number }): boolean =>
  a.top < b.top || (a.top === b.top && a.row < b.row);

function scrollUp(document: Document, position: Position, window: Window, rows: number): void {
  for (let left = rows; left > 0;) {
    if (position.row >= left) {
      position.row -= left;
      return;
    }
    left -= position.row;
    position.row = 0;
    const start = document.before(position.top);
    const line = start === undefined ? undefined : document.at(start);
    if (!line) return;
    position.top = line.start;
    position.row = cutsOf(line, window).cuts.length - 1;
    left--;
  }
}

/** Moves the window so that the text's end is at its bottom. */
function toEnd(document: Document, position: Position, window: Window): void {
  const start = lastLine(document);
  const line = document.at(start);
  position.top = start;
  position.row = line ? cutsOf(line, window).cuts.length - 1 : 0;
  scrollUp(document, position, window, window.rows - 1);
}

export function goFirst(position: Position): void {
  Object.assign(position, { top: 0, row: 0, cursor: 0, left: 0 });
}

export function goLast(document: Document, position: Position, window: Window): void {
  toEnd(document, position, window);
  position.cursor = lastLine(document);
}

/**
 * Puts the cursor on a line and moves the window there. A line that was not visible comes near its middle.
 */
export function goTo(document: Document, position: Position, window: Window, start: number): void {
  position.cursor = start;
  const shown = fill(document, position, window);
  if (start >= position.top && shown.some(({ line, piece }) => line.start === start && piece === 0)) return;
  position.top = start;
  position.row = 0;
  scrollUp(document, position, window, window.rows >> 1);
  if (fill(document, position, window).length < window.rows) toEnd(document, position, window);
}

/** Like goTo, and brings the first match of the line into the window as well. */
export function goToMatch(
  document: Document,
  position: Position,
  window: Window,
  start: number,
  pattern: SearchPattern,
): void {
  goTo(document, position, window, start);
  const line = document.at(start);
  if (!line) return;
  const { spans, cuts } = cutsOf(line, window);
  const [range] = rangesIn(pattern, line, spans);
  const [from, to] = range ? columnsOf(spans, ...range) : [0, 0];
  const { columns, rows } = window;
  if (!window.wrap) {
    // The last column says that the line goes on.
    if (to < columns) position.left = 0;
    else if (from < position.left || to >= position.left + columns)
      position.left = Math.min(from, Math.max(0, to + Math.ceil(columns / 4) - columns));
    return;
  }
  const piece = cuts.findLastIndex((cut) => cut <= from);
  if (fill(document, position, window).some((row) => row.line.start === start && row.piece === piece)) return;
  position.top = start;
  position.row = Math.max(0, piece - (rows >> 1));
}

/** Moves the cursor by so many lines, and the window as little as necessary. */
export function moveCursor(document: Document, position: Position, window: Window, lines: number): void {
  let { cursor } = position;
  for (let i = 0; i < Math.abs(lines); i++) {
    const next = lines > 0 ? document.at(cursor)?.next : document.before(cursor);
    if (next === undefined || (lines > 0 && !document.at(next))) break;
    cursor = next;
  }
  position.cursor = cursor;
  show(document, position, window);
}

/** Brings the cursor's line into the window, moving the window as little as necessary. */
function show(document: Document, position: Position, window: Window): void {
  const { cursor } = position;
  if (cursor < position.top || (cursor === position.top && position.row > 0)) {
    position.top = cursor;
    position.row = 0;
    return;
  }
  const line = document.at(cursor);
  const wanted = Math.min(line ? cutsOf(line, window).cuts.length : 1, window.rows);
  const shown = fill(document, position, window).filter((row) => row.line.start === cursor).length;
  if (shown >= wanted) return;
  position.top = cursor;
  position.row = wanted - 1;
  scrollUp(document, position, window, window.rows - 1);
}

/** Scrolls down, or up for a negative number of rows. The cursor stays in the window. */
export function scroll(document: Document, position: Position, window: Window, rows: number): void {
  if (rows > 0) scrollDown(document, position, window, rows);
  else scrollUp(document, position, window, -rows);
  const first = firstWhole(document, position);
  const last = fill(document, position, window).at(-1)?.line.start ?? first;
  position.cursor = Math.max(first, Math.min(position.cursor, last));
}

/** Moves a page down or up. The cursor goes to the first new line. */
export function page(document: Document, position: Position, window: Window, rows: number): void {
  if (rows > 0) {
    if (!scrollDown(document, position, window, rows)) {
      position.cursor = lastLine(document);
      return;
    }
    position.cursor = firstWhole(document, position);
  } else {
    const old = position.top;
    scrollUp(document, position, window, -rows);
    if (old === position.top && position.row === 0) position.cursor = position.top;
    else position.cursor = firstWhole(document, position);
  }
}

function firstWhole(document: Document, { top, row }: Position): number {
  const line = document.at(top);
  return row > 0 && line && document.at(line.next) ? line.next : top;
}
