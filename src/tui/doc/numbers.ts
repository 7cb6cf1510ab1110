// Line numbers of a document of any size. Lines are counted in slices when there is time. A checkpoint every
// few MiB makes the number of any line quick to find.

import { BLOCK } from './blocks.ts';
import type { Document } from './document.ts';
import { PieceDocument } from './pieces.ts';

/** The distance between two checkpoints, in bytes. */
const CHECKPOINT_BYTES = 64 * BLOCK;

export class LineNumbers {
  readonly #document: Document;
  /** Offsets, and how many lines end before each. */
  readonly #checkpoints: { readonly at: number; readonly lines: number }[] = [{ at: 0, lines: 0 }];
  #at = 0;
  #lines = 0;

  constructor(document: Document) {
    this.#document = document;
  }

  /** Continues counting. @returns false if everything that is known has been counted. */
  step(): boolean {
    const document = this.#document;
    if (!(document instanceof PieceDocument)) return false;
    const piece = document.pieceAt(this.#at);
    if (!piece) return false;
    if (piece.kind === 'mark') this.#lines++;
    const from = this.#at;
    const to = piece.kind === 'mark' ? piece.end : Math.min(piece.end, from + 4 * BLOCK);
    if (piece.kind === 'range') this.#lines += this.#count(document, from, to);
    this.#at = to;
    const last = this.#checkpoints.at(-1)!;
    if (to - last.at >= CHECKPOINT_BYTES) this.#checkpoints.push({ at: to, lines: this.#lines });
    return true;
  }

  /** Returns the number of the line that starts here, from 1; undefined if it has not been counted yet. */
  of(start: number): number | undefined {
    const document = this.#document;
    if (!(document instanceof PieceDocument)) return start + 1;
    if (start > this.#at) return undefined;
    let checkpoint = this.#checkpoints[0]!;
    for (let low = 0, high = this.#checkpoints.length - 1; low <= high;) {
      const middle = (low + high) >> 1;
      if (this.#checkpoints[middle]!.at <= start) {
        checkpoint = this.#checkpoints[middle]!;
        low = middle + 1;
      } else high = middle - 1;
    }
    let { at, lines } = checkpoint;
    while (at < start) {
      const piece = document.pieceAt(at);
      if (!piece) break;
      const to = Math.min(start, piece.end);
      lines += piece.kind === 'mark' ? 1 : this.#count(document, at, to);
      at = to;
    }
    return lines + 1;
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
    return closed && !this.#endsLine(document, inLog(to) - 1, piece.job) ? lines + 1 : lines;
  }

  #endsLine(document: PieceDocument, at: number, job: Parameters<PieceDocument['find']>[0]): boolean {
    return document.blocks.get(job, Math.floor(at / BLOCK)).at(at % BLOCK) === 0x0a;
  }
}
