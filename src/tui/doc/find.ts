// Searches a document in slices. Each step examines about 256 KiB, so that keys are handled meanwhile. Ranges
// of logs are searched in large windows first, and split into lines only where something can match.

import type { Job } from '../../model/build.ts';
import { type SearchPattern, compilePattern } from '../../search/pattern.ts';
import { cleaned } from '../../search/text.ts';
import { BLOCK, type Blocks } from './blocks.ts';
import type { Document } from './document.ts';
import { PieceDocument, type PlacedRange } from './pieces.ts';
import { parseLine } from '../text/spans.ts';

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

/** The plain text of a line, which is searched. */
function plainOf(text: string): string {
  return parseLine(text)
    .map((one) => one.text)
    .join('');
}

function holds(pattern: SearchPattern, text: string): boolean {
  pattern.line.lastIndex = 0;
  return pattern.line.test(text);
}

/** A search. It yields while it goes on, and returns the start of the line that it found. */
export type DocumentSearch = Generator<undefined, number | undefined, void>;

/** Finds the first matching line at or after `from`. */
export function* forward(document: Document, from: number, pattern: SearchPattern): DocumentSearch {
  const window = new SearchWindow(pattern);
  let looked = 0;
  for (let at = from; ;) {
    if (document instanceof PieceDocument) {
      const piece = document.pieceAt(at);
      if (piece?.kind === 'range') {
        const end = window.end(document.blocks, piece, at);
        if (end > at && !window.mayHold(document.blocks, piece, at, end)) {
          at = end;
          yield;
          continue;
        }
        for (let next = at; next < end;) {
          const line = document.at(next);
          if (!line) return undefined;
          if (holds(pattern, plainOf(line.text))) return next;
          next = line.next;
          at = next;
        }
        yield;
        continue;
      }
    }
    const line = document.at(at);
    if (!line) return undefined;
    if (holds(pattern, plainOf(line.text))) return at;
    at = line.next;
    if (++looked % LINES === 0) yield;
  }
}

/** Finds the last matching line before `from`. */
export function* backward(document: Document, from: number, pattern: SearchPattern): DocumentSearch {
  const window = new SearchWindow(pattern);
  let looked = 0;
  for (let at = from; ;) {
    const before = document.before(at);
    if (before === undefined) return undefined;
    const piece = document instanceof PieceDocument ? document.pieceAt(before) : undefined;
    if (document instanceof PieceDocument && piece?.kind === 'range') {
      const start = document.startOf(Math.max(piece.start, at - WINDOW * BLOCK));
      if (window.mayHold(document.blocks, piece, start, at)) {
        let last: number | undefined;
        for (let next = start; next < at;) {
          const line = document.at(next);
          if (!line) break;
          if (holds(pattern, plainOf(line.text))) last = next;
          next = line.next;
        }
        if (last !== undefined) return last;
      }
      at = start;
      yield;
      continue;
    }
    const line = document.at(before);
    if (line && holds(pattern, plainOf(line.text))) return before;
    at = before;
    if (++looked % LINES === 0) yield;
  }
}

/** Searches many lines at once. */
class SearchWindow {
  readonly #pattern: SearchPattern;
  readonly #room = Buffer.allocUnsafe((WINDOW + 1) * BLOCK);

  constructor(pattern: SearchPattern) {
    this.#pattern = pattern;
  }

  /** The end of the complete lines that are searched at once. */
  end(blocks: Blocks, piece: PlacedRange, at: number): number {
    const { job, from, start, end } = piece;
    const offset = from + (at - start);
    const stop = Math.min(from + (end - start), (Math.floor(offset / BLOCK) + WINDOW) * BLOCK);
    const last = lineStartAtOrBefore(blocks, job, stop, offset, from + (end - start));
    return start + ((last > offset ? last : stop) - from);
  }

  /** Whether a line between these offsets can match. */
  mayHold(blocks: Blocks, piece: PlacedRange, at: number, end: number): boolean {
    const { literal, lines } = this.#pattern;
    if (!literal && !lines) return true;
    const { job, from, start } = piece;
    const bytes = cleaned(blocks.bytes(job, from + (at - start), from + (end - start), this.#room));
    if (literal) return bytes.includes(literal);
    if (!lines) return true;
    lines.lastIndex = 0;
    return lines.test(bytes.toString('utf8'));
  }
}

function lineStartAtOrBefore(blocks: Blocks, job: Job, at: number, floor: number, to: number): number {
  return at >= job.size ? at : blocks.lineStart(job, at, floor, to);
}
