// Text that a slot holds back until it is known to which job it belongs, with the tool instances that wrote
// it. Knows no tool.

import type { Writer } from './jobs.ts';

/** A piece of text and its writer; undefined if that is unknown. */
export interface Piece {
  readonly bytes: Buffer;
  readonly by: Writer | undefined;
}

/** Selects text: that of one writer and of unknown writers, or only the latter. */
export type WrittenBy = Writer | 'unknown';

export class HeldText {
  #pieces: Piece[] = [];
  #size = 0;
  /** The pieces that were taken last: parts of them are recognised by their place in memory. */
  #taken: readonly Piece[] = [];
  #takenText: Buffer = Buffer.alloc(0);

  /** The size of all held text in bytes. */
  get size(): number {
    return this.#size;
  }

  /**
   * @param bytes not used again by the caller. A part of what take() has returned keeps its writers.
   */
  push(bytes: Buffer, by?: Writer): void {
    const pieces = by ? [{ bytes, by }] : this.pieces(bytes);
    this.#pieces.push(...pieces);
    this.#size += bytes.length;
  }

  /** Removes and returns text. @param of by default, all text. */
  take(of: WrittenBy | 'all' = 'all'): Buffer {
    const isTaken = (piece: Piece): boolean => of === 'all' || piece.by === undefined || piece.by === of;
    const pieces = this.#pieces.filter(isTaken);
    this.#pieces = this.#pieces.filter((piece) => !isTaken(piece));
    this.#taken = pieces;
    const [only, other] = pieces;
    this.#takenText = only && !other ? only.bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));
    this.#size -= this.#takenText.length;
    return this.#takenText;
  }

  /** Splits text by its writer: a part of what take() has returned, or other text. */
  pieces(text: Buffer): readonly Piece[] {
    const from = text.byteOffset - this.#takenText.byteOffset;
    const isPart =
      text.buffer === this.#takenText.buffer && from >= 0 && from + text.length <= this.#takenText.length;
    if (!isPart) return text.length === 0 ? [] : [{ bytes: text, by: undefined }];
    const pieces: Piece[] = [];
    let at = 0;
    for (const { bytes, by } of this.#taken) {
      const start = Math.max(at, from);
      const end = Math.min(at + bytes.length, from + text.length);
      at += bytes.length;
      if (start >= end) continue;
      const last = pieces.at(-1);
      const before = last?.by === by ? (last?.bytes.length ?? 0) : 0;
      if (before > 0) pieces.pop();
      pieces.push({ bytes: text.subarray(start - from - before, end - from), by });
    }
    return pieces;
  }
}
