/**
 * Measures how many columns a text takes on a terminal, and shortens it to fewer.
 *
 * Knows graphemes and their widths (string-width). Counts escape sequences as nothing, as it does tabs and
 * control characters, which have no width of their own: escape a name before measuring it. Characters whose
 * width depends on the terminal ("ambiguous") count as narrow.
 *
 * Importing it takes about 25 ms, nearly all of it for the first Intl.Segmenter, which string-width creates
 * at once. Code that has to start quickly imports it (and statusline.ts) only when needed.
 */

import stringWidth from 'string-width';

/** The width of a line, and the functions of this file, for code that must not import it at once. */
export interface Room {
  readonly columns: number;
  readonly width: (text: string) => number;
  readonly elide: (text: string, columns: number) => string;
}

const ELLIPSIS = '...';
const ASCII = /^[ -~]*$/;

/** How many columns `s` takes. */
export function displayWidth(s: string): number {
  return stringWidth(s);
}

/**
 * Returns `s` if it fits in `width` columns; else its start and its end with `...` between, as ninja does:
 * `012...6789`. The result takes at most `width` columns and never cuts a grapheme; a wide character that
 * does not fit in the last column is dropped. `s` is one line without escape sequences.
 */
export function elideMiddle(s: string, width: number): string {
  const columns = Math.max(0, Math.floor(width)) || 0;
  if (fits(s, columns)) return s;
  if (columns <= ELLIPSIS.length) return ELLIPSIS.slice(0, columns);
  const room = columns - ELLIPSIS.length;
  const start = fittingStart(s, Math.floor(room / 2));
  return start + ELLIPSIS + fittingEnd(s, room - displayWidth(start));
}

/**
 * Breaks a text into rows of at most `columns`, between words. A word that is wider has a row of its own.
 * @param hanging what the rows after the first begin with.
 */
export function wrapWords(text: string, columns: number, hanging = ''): string[] {
  const rows: string[] = [];
  let row: string | undefined;
  for (const word of text.split(' ')) {
    if (row !== undefined && displayWidth(`${row} ${word}`) > columns && row.trim() !== '') {
      rows.push(row);
      row = hanging + word;
    } else row = row === undefined ? word : `${row} ${word}`;
  }
  return [...rows, row ?? ''];
}

let segmenter: Intl.Segmenter | undefined;

/** The segmenter is created when first needed, since most names are ASCII. */
function graphemes(s: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter();
  return segmenter.segment(s);
}

function fits(s: string, columns: number): boolean {
  return ASCII.test(s) ? s.length <= columns : fittingStart(s, columns).length === s.length;
}

/** The longest start of `s`, in complete graphemes, that fits. */
function fittingStart(s: string, columns: number): string {
  if (ASCII.test(s)) return s.slice(0, columns);
  let taken = 0;
  for (const { segment, index } of graphemes(s)) {
    taken += displayWidth(segment);
    if (taken > columns) return s.slice(0, index);
  }
  return s;
}

/** The longest end of `s`, in complete graphemes, that fits. */
function fittingEnd(s: string, columns: number): string {
  if (ASCII.test(s)) return s.slice(Math.max(0, s.length - columns));
  const segments = graphemes(s);
  let taken = 0;
  let from = s.length;
  while (from > 0) {
    const { segment, index } = segments.containing(from - 1)!;
    taken += displayWidth(segment);
    if (taken > columns) break;
    from = index;
  }
  return s.slice(from);
}
