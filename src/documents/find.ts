// Searches a document in slices. Each step examines about 256 KiB, so that keys are handled meanwhile. Ranges
// of logs are searched in large windows of whole lines.

import { type SearchPattern, compilePattern, matches } from '../search/pattern.ts';
import { matchingLines } from '../search/search.ts';
import { BLOCK } from './blocks.ts';
import type { Document, DocumentLine } from './document.ts';
import { type Row, parseLine, rowText } from './spans.ts';
import { PieceDocument, type PlacedRange } from './pieces.ts';

/** How many lines outside of logs a step examines. */
const LINES = 2000;
/** How many blocks a window has. */
const WINDOW = 4;

/**
 * Compiles a pattern as less does: without capitals, case does not matter. @throws Failure if it is not a
 * valid expression.
 */
export function searchPattern(text: string): SearchPattern {
  return compilePattern([text], { ignoreCase: !/[A-Z]/.test(text.replaceAll(/\\./g, '')) });
}

/** The text of a document's line that is searched: without its colours. */
function plainOf(text: string): string {
  return text.includes('\x1b') ? text.replaceAll(/\x1b\[[\d;:]*m/g, '') : text;
}

function holds(pattern: SearchPattern, text: string): boolean {
  pattern.line.lastIndex = 0;
  return pattern.line.test(text);
}

/** A search. It yields while it goes on, and returns the start of the line that it found. */
export type DocumentSearch = Generator<undefined, number | undefined, void>;

/** The line that was found, and whether that was beyond the document's end or start. */
export interface Found {
  readonly at: number;
  readonly again: boolean;
}

/** Finds the nearest matching line one way, and goes on at the other end. */
export function* around(
  document: Document,
  from: number,
  pattern: SearchPattern,
  ahead: boolean,
): Generator<undefined, Found | undefined, void> {
  const near = ahead ? yield* forward(document, from, pattern) : yield* backward(document, from, pattern);
  if (near !== undefined) return { at: near, again: false };
  const far = ahead
    ? yield* forward(document, 0, pattern, from)
    : yield* backward(document, document.end(), pattern, from);
  return far === undefined ? undefined : { at: far, again: true };
}

/** Finds the first matching line at or after `from`, and before `to`. */
export function* forward(
  document: Document,
  from: number,
  pattern: SearchPattern,
  to = Infinity,
): DocumentSearch {
  const windows = new Windows(document, pattern);
  let looked = 0;
  for (let at = from; at < to;) {
    const end = windows.end(at);
    if (end === undefined) return undefined;
    for (const found of windows.matches(at, end)) return found;
    looked += 1 + ((end - at) * LINES) / (WINDOW * BLOCK);
    at = end;
    if (looked < LINES) continue;
    looked = 0;
    yield;
  }
  return undefined;
}

/** Finds the last matching line before `from`, and not far before `to`. */
export function* backward(document: Document, from: number, pattern: SearchPattern, to = 0): DocumentSearch {
  const windows = new Windows(document, pattern);
  for (let at = from; at > to;) {
    const start = windows.before(at);
    if (start === undefined) return undefined;
    let last: number | undefined;
    for (let next = start; next < at;) {
      const end = Math.min(windows.end(next) ?? at, at);
      for (const found of windows.matches(next, end)) last = found;
      next = end;
    }
    if (last !== undefined) return last;
    at = start;
    yield;
  }
  return undefined;
}

/** The text of a line that is searched. */
function searched({ text, label = 0 }: DocumentLine): string {
  return plainOf(text).slice(label);
}

/**
 * Returns the ranges of a line's row that match, in characters.
 * @param keepTabs tabs have stayed as they are.
 */
export function rangesIn(
  pattern: SearchPattern,
  line: DocumentLine,
  row: Row,
  keepTabs = false,
): [number, number][] {
  const { label = 0 } = line;
  const shown = rowText(row);
  const plain = plainOf(line.text);
  if (plain.length === shown.length)
    return matches(pattern, shown.slice(label)).map(([from, to]) => [from + label, to + label]);
  // Tabs have become blanks, or something is not shown.
  const inRow = (at: number): number => rowText(parseLine(plain.slice(0, at + label), keepTabs)).length;
  return matches(pattern, searched(line)).map(([from, to]) => [inRow(from), inRow(to)]);
}

/** Divides a document into windows of whole lines, and finds the lines of a window that match. */
export class Windows {
  readonly #document: Document;
  readonly #pattern: SearchPattern;
  readonly #room = Buffer.allocUnsafe((WINDOW + 1) * BLOCK);

  constructor(document: Document, pattern: SearchPattern) {
    this.#document = document;
    this.#pattern = pattern;
  }

  #rangeAt(at: number): PlacedRange | undefined {
    const piece = this.#document instanceof PieceDocument ? this.#document.pieceAt(at) : undefined;
    return piece?.kind === 'range' ? piece : undefined;
  }

  /** The end of the window that begins at the start of a line; undefined at the document's end. */
  end(at: number): number | undefined {
    const piece = this.#rangeAt(at);
    if (!piece || !(this.#document instanceof PieceDocument)) return this.#document.at(at)?.next;
    // The log may have grown.
    this.#document.pieceAt(piece.end);
    const { blocks } = this.#document;
    const { job, from, start } = piece;
    const limit = from + (piece.end - start);
    const offset = from + (at - start);
    let index = Math.floor(offset / BLOCK);
    for (let n = 0; n < WINDOW; n++, index++) {
      if ((index + 1) * BLOCK >= limit) return piece.end;
      // A line without an end in sight is cut there, without a newline.
      const cut = blocks.cut(job, index);
      if (cut !== undefined && cut > offset) return start + (cut - from);
    }
    const last = blocks.lineStart(job, index * BLOCK, offset, limit);
    return start + ((last > offset ? last : index * BLOCK) - from);
  }

  /** The start of a line some way before the line that starts at `at`; undefined at the document's start. */
  before(at: number): number | undefined {
    const before = this.#document.before(at);
    const piece = before === undefined ? undefined : this.#rangeAt(before);
    if (!piece) return before;
    return this.#document.startOf(Math.max(piece.start, at - WINDOW * BLOCK));
  }

  /** The starts of the matching lines of a window, or of whole lines at its start. */
  *matches(at: number, end: number): Generator<number, void> {
    const piece = this.#rangeAt(at);
    if (!piece || !(this.#document instanceof PieceDocument)) {
      const line = this.#document.at(at);
      if (line && holds(this.#pattern, searched(line))) yield at;
      return;
    }
    const { job, from, start } = piece;
    const bytes = this.#document.blocks.bytes(job, from + (at - start), from + (end - start), this.#room);
    for (const found of matchingLines(bytes, this.#pattern)) yield at + found;
  }
}
