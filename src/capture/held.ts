// Text that a slot keeps back until it is known whose it is, with the tools that said it. Knows no tool.

import type { Speaker } from './jobs.ts';

/** A piece of text, and who said it; nobody: it is not known. */
export interface Piece {
  readonly bytes: Buffer;
  readonly by: Speaker | undefined;
}

export class Held {
  #pieces: Piece[] = [];
  #size = 0;
  /** What was taken last: parts of it are known again by their place in memory. */
  #taken: readonly Piece[] = [];
  #takenText: Buffer = Buffer.alloc(0);

  get size(): number {
    return this.#size;
  }

  /** @param bytes not used again by the caller; who said them is known of what take() has returned. */
  push(bytes: Buffer, by?: Speaker): void {
    const pieces = by ? [{ bytes, by }] : this.pieces(bytes);
    this.#pieces.push(...pieces);
    this.#size += bytes.length;
  }

  /** What is not kept any more: all of it; of one speaker, what it said and what nobody is known to have said; or only the latter. */
  take(of: Speaker | 'all' | 'nobody' = 'all'): Buffer {
    const taken = (piece: Piece): boolean => of === 'all' || piece.by === undefined || piece.by === of;
    const pieces = this.#pieces.filter(taken);
    this.#pieces = this.#pieces.filter((piece) => !taken(piece));
    this.#taken = pieces;
    const [only, other] = pieces;
    this.#takenText = only && !other ? only.bytes : Buffer.concat(pieces.map(({ bytes }) => bytes));
    this.#size -= this.#takenText.length;
    return this.#takenText;
  }

  /** A part of what take() has returned, or other text, by who said it. */
  pieces(text: Buffer): readonly Piece[] {
    const from = text.byteOffset - this.#takenText.byteOffset;
    const inside =
      text.buffer === this.#takenText.buffer && from >= 0 && from + text.length <= this.#takenText.length;
    if (!inside) return text.length === 0 ? [] : [{ bytes: text, by: undefined }];
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
