// Counts at offsets of a document, noted so often that counting on from the nearest one is quick: after some
// hundred KiB, after some pieces, since each of those is of another log, and after some hundred matches.

import { BLOCK } from './blocks.ts';
import type { Document } from './document.ts';
import { PieceDocument } from './pieces.ts';

const BYTES = 4 * BLOCK;
const PIECES = 64;
const COUNT = 500;

/** An offset, and how many of what is counted come before it. */
export interface Checkpoint {
  readonly at: number;
  readonly count: number;
}

export class Checkpoints {
  readonly #document: Document;
  readonly #noted: Checkpoint[] = [{ at: 0, count: 0 }];
  /** How often something has been counted since the last one. */
  #steps = 0;

  constructor(document: Document) {
    this.#document = document;
  }

  /** Notes an offset if the last one is far enough away. To be called in order, once for each piece. */
  add(at: number, count: number): void {
    this.#steps++;
    const many = this.#document instanceof PieceDocument ? PIECES : Infinity;
    if (this.#steps < many && at - this.#noted.at(-1)!.at < BYTES) return;
    this.#note(at, count);
  }

  /** Notes an offset if much has been counted since the last one. To be called in order. */
  addIfMany(at: number, count: number): void {
    if (count - this.#noted.at(-1)!.count >= COUNT) this.#note(at, count);
  }

  #note(at: number, count: number): void {
    this.#steps = 0;
    this.#noted.push({ at, count });
  }

  /** The last one at or before an offset. */
  before(offset: number): Checkpoint {
    let low = 0;
    let high = this.#noted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#noted[middle]!.at <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#noted[low]!;
  }

  /** The last one with fewer than so many before it, or the first. */
  lastWithFewer(count: number): Checkpoint {
    let low = 0;
    let high = this.#noted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#noted[middle]!.count < count) low = middle;
      else high = middle - 1;
    }
    return this.#noted[low]!;
  }
}
