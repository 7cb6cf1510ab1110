// How many lines of a document match, and the how manieth one is: counted in slices when there is time.

import type { SearchPattern } from '../search/pattern.ts';
import { Checkpoints } from './checkpoints.ts';
import type { Document } from './document.ts';
import { Windows } from './find.ts';
import { PieceDocument } from './pieces.ts';
import { Ticks } from './ticks.ts';

export class MatchCount {
  readonly document: Document;
  readonly pattern: SearchPattern;
  /** Where the matches are. */
  readonly ticks = new Ticks();
  readonly #windows: Windows;
  readonly #checkpoints: Checkpoints;
  #at = 0;
  #count = 0;
  /** The last line may still grow, and is counted apart: the document's end for which that was done. */
  #tail = { start: 0, end: 0, count: 0 };
  /** The answer to the last question of `of`. */
  #last: { readonly start: number; readonly nth: number | undefined } | undefined;

  constructor(document: Document, pattern: SearchPattern) {
    this.document = document;
    this.pattern = pattern;
    this.#windows = new Windows(document, pattern);
    this.#checkpoints = new Checkpoints(document);
  }

  /** How many there are in what has been counted. */
  get total(): number {
    return this.#count + this.#tail.count;
  }

  /** Whether all that is known has been counted. */
  get done(): boolean {
    const { document } = this;
    return document.complete && Math.max(this.#at, this.#tail.end) >= document.knownEnd;
  }

  /** Continues counting. @returns false if everything that is known has been counted. */
  step(): boolean {
    const end = this.#windows.end(this.#at);
    if (end === undefined) return false;
    const last = end === this.document.knownEnd && !this.document.at(end);
    if (last && end === this.#tail.end) return false;
    this.#tail = { start: 0, end: 0, count: 0 };
    this.#last = undefined;
    const stop = last ? this.#lastLine(end) : end;
    for (const match of this.#matches(this.#at, stop)) {
      this.#checkpoints.addIfMany(match, this.#count);
      this.#count++;
    }
    this.#at = stop;
    this.#checkpoints.add(stop, this.#count);
    if (stop < end) this.#tail = { start: stop, end, count: [...this.#matches(stop, end)].length };
    return true;
  }

  /**
   * Returns the how manieth matching line starts here, from 1; 0 if the line does not match, undefined if
   * that is not known yet.
   */
  of(start: number): number | undefined {
    if (start > this.#at || (start === this.#at && this.#tail.end === 0)) return undefined;
    if (this.#last?.start === start) return this.#last.nth;
    const next = this.document.at(start)?.next;
    if (next === undefined) return undefined;
    let { at, count } = this.#checkpoints.before(start);
    let found = false;
    while (at <= start && !found) {
      const end = Math.min(this.#windows.end(at) ?? next, next);
      for (const match of this.#windows.matches(at, end)) {
        if (match > start) break;
        count++;
        found = match === start;
      }
      at = end;
    }
    this.#last = { start, nth: found ? count : 0 };
    return this.#last.nth;
  }

  *#matches(from: number, to: number): Generator<number, void> {
    if (to === from) return;
    for (const match of this.#windows.matches(from, to)) {
      this.ticks.add(match, 1);
      yield match;
    }
  }

  /** The start of the last line of a log, which may still grow. */
  #lastLine(end: number): number {
    const { document } = this;
    if (!(document instanceof PieceDocument) || document.pieceAt(end - 1)?.kind !== 'range') return end;
    return Math.max(this.#at, document.startOf(end - 1));
  }
}
