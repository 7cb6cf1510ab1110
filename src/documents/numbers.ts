// Line numbers of a document of any size. Lines are counted in slices when there is time. A checkpoint every
// few MiB or pieces makes the number of any line quick to find.

import { BLOCK } from './blocks.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Document } from './document.ts';
import { PieceDocument } from './pieces.ts';

/** How many numbers of lines are remembered: those of some screens. */
const MOST_REMEMBERED = 1000;

export class LineNumbers {
  readonly #document: Document;
  readonly #checkpoints: Checkpoints;
  /** Up to where lines are counted, and how many end before that. */
  #at = 0;
  #lines = 0;
  /** The text counted so far ends within a line, which is not counted. */
  #open = false;
  #remembered = new Map<number, number>();

  constructor(document: Document) {
    this.#document = document;
    this.#checkpoints = new Checkpoints(document);
  }

  /** How many bytes have been counted. */
  get counted(): number {
    return this.#at;
  }

  /** How many lines there are; undefined if not all that is known has been counted. */
  get total(): number | undefined {
    const document = this.#document;
    if (!(document instanceof PieceDocument)) return document.end();
    if (!document.complete || this.#at < document.knownEnd) return undefined;
    return this.#open ? this.#lines + 1 : this.#lines;
  }

  /** Continues counting. @returns false if everything that is known has been counted. */
  step(): boolean {
    const document = this.#document;
    if (!(document instanceof PieceDocument)) return false;
    const piece = document.pieceAt(this.#at);
    if (!piece) return false;
    const from = this.#at;
    // What was the end has turned out to end a line.
    if (this.#open && from === piece.start) this.#lines++;
    this.#open = false;
    if (piece.kind === 'mark') this.#lines++;
    const to = piece.kind === 'mark' ? piece.end : Math.min(piece.end, from + 4 * BLOCK);
    if (piece.kind === 'range') this.#lines += this.#count(document, from, to);
    this.#at = to;
    this.#open = to === document.knownEnd && !this.#closed(document, to);
    this.#checkpoints.add(to, this.#lines);
    return true;
  }

  /** Returns the number of the line that starts here, from 1; undefined if it has not been counted yet. */
  of(start: number): number | undefined {
    const document = this.#document;
    if (!(document instanceof PieceDocument)) return start + 1;
    if (start > this.#at) return undefined;
    const known = this.#remembered.get(start);
    if (known !== undefined) return known;
    let { at, count: lines } = this.#checkpoints.before(start);
    // Lines are asked for one after the other.
    const last = document.before(start);
    const lastLine = last === undefined ? undefined : this.#remembered.get(last);
    if (last !== undefined && lastLine !== undefined && last >= at && !document.at(start)?.continued)
      [at, lines] = [start, lastLine];
    while (at < start) {
      const piece = document.pieceAt(at);
      if (!piece) break;
      const to = Math.min(start, piece.end);
      lines += piece.kind === 'mark' ? 1 : this.#count(document, at, to);
      at = to;
    }
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(start, lines + 1);
    return lines + 1;
  }

  /**
   * Returns where the line with a number starts, from 1; undefined if lines have not been counted up to
   * there. A line that is so long that it is shown in parts counts once.
   */
  startOf(number: number): number | undefined {
    const document = this.#document;
    if (number <= 1) return 0;
    if (!(document instanceof PieceDocument)) return document.startOf(number - 1);
    if (number > this.#lines + 1) return undefined;
    const near = this.#checkpoints.lastWithFewer(number - 1);
    let at = document.startOf(near.at);
    let lines = near.count;
    while (lines < number - 1) {
      const line = document.at(at);
      if (!line) return undefined;
      at = line.next;
      if (!document.at(at)?.continued) lines++;
    }
    return document.at(at) ? at : undefined;
  }

  /**
   * Counts the lines that end between two offsets of one piece. The piece's end also ends its last line, with
   * or without a newline.
   */
  #count(document: PieceDocument, from: number, to: number): number {
    const piece = document.pieceAt(from);
    if (piece?.kind !== 'range') return 0;
    const inLog = (offset: number): number => piece.from + (offset - piece.start);
    const lines = document.blocks.newlines(piece.job, inLog(from), inLog(to));
    // The last piece may still grow.
    const closed = to === piece.end && to < document.knownEnd;
    return closed && !this.#closed(document, to) ? lines + 1 : lines;
  }

  /** Whether the text before an offset, at which a piece may end, ends in a newline or is a mark. */
  #closed(document: PieceDocument, offset: number): boolean {
    const piece = document.pieceAt(offset - 1);
    if (piece?.kind !== 'range') return true;
    const at = piece.from + (offset - 1 - piece.start);
    return document.blocks.get(piece.job, Math.floor(at / BLOCK)).at(at % BLOCK) === 0x0a;
  }
}
