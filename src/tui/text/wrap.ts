// Where a long row is cut so that it goes on below: after a blank, beside a wide character, and within a word
// only if that is wider than a whole row. Knows columns, but no screen.

import { type Row, graphemes, rowText, rowWidth } from '../../documents/spans.ts';

/** Characters that do not begin a row, since they end what stands before them. */
const CLOSING = /^[)\]}.,;:!?、。，．・：；？！」』）】〉》〕｝…ー]/u;
const ASCII = /^[ -~]*$/;

/**
 * Returns the columns at which the pieces of a wrapped row begin. At least one. Blanks at which it is cut may
 * go beyond the piece's columns.
 */
export function wrapAt(row: Row, columns: number): number[] {
  if (columns < 2 || rowWidth(row) <= columns) return [0];
  const text = rowText(row);
  return ASCII.test(text) ? wrapAscii(text, columns) : wrapWide(text, columns);
}

/** Like wrapAt, for a text in which each character has one column. */
function wrapAscii(text: string, columns: number): number[] {
  const cuts = [0];
  const limit = text.trimEnd().length;
  for (let start = 0; limit - start > columns;) {
    const end = start + columns;
    let cut = end;
    if (text[end] === ' ') cut = pastBlanks(text, end);
    else {
      const word = text.lastIndexOf(' ', end - 1) + 1;
      // Blanks alone are no row, and a word that fits in no row may as well begin in this one.
      if (word > start && text.slice(start, word).trim() !== '' && wordFits(text, word, columns)) cut = word;
    }
    cuts.push(cut);
    start = cut;
  }
  return cuts;
}

function pastBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}

function wordFits(text: string, word: number, columns: number): boolean {
  const end = text.slice(word, word + columns + 1).indexOf(' ');
  return end >= 0 || text.length - word <= columns;
}

/** A character of a text, and the column after it. */
interface Cell {
  readonly end: number;
  readonly blank: boolean;
  /** A row may begin with it. */
  readonly begins: boolean;
}

function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  let at = 0;
  let blank = true;
  let wide = false;
  for (const { segment, width } of graphemes(text)) {
    const isWide = width > 1;
    at += width;
    const begins = segment !== ' ' && (blank || ((wide || isWide) && !CLOSING.test(segment)));
    blank = segment === ' ';
    wide = isWide;
    cells.push({ end: at, blank, begins });
  }
  return cells;
}

/** Like wrapAt, for any text. */
function wrapWide(text: string, columns: number): number[] {
  const cells = cellsOf(text);
  const cuts = [0];
  let last = cells.length;
  while (last > 0 && cells[last - 1]!.blank) last--;
  const startOf = (cell: number): number => cells[cell - 1]?.end ?? 0;
  for (let from = 0; from < last;) {
    const start = startOf(from);
    let to = from;
    while (to < last && cells[to]!.end - start <= columns) to++;
    if (to >= last) break;
    let next = to;
    if (cells[to]!.blank) while (next < last && cells[next]!.blank) next++;
    else next = breakBefore(cells, from, to, columns) ?? Math.max(to, from + 1);
    cuts.push(startOf(next));
    from = next;
  }
  return cuts;
}

/**
 * The cell at which the next row begins, since `to` does not fit in the one that begins at `from`; undefined
 * if the word is cut.
 */
function breakBefore(cells: readonly Cell[], from: number, to: number, columns: number): number | undefined {
  let at = to;
  while (at > from && !cells[at]!.begins) at--;
  if (at === to || at === from) return at === to ? to : undefined;
  let said = at;
  while (said > from && cells[said - 1]!.blank) said--;
  if (said === from) return undefined;
  // The word's end: where another row could begin, or a blank.
  const start = cells[at - 1]!.end;
  for (let end = at + 1; ; end++) {
    const cell = cells[end];
    if (!cell || cell.blank || cell.begins) return at;
    if (cell.end - start > columns) return undefined;
  }
}
