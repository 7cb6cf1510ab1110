// Reads an object by ranges, and keeps what it has read in blocks. Where reads follow each other, each fetch
// brings twice as much as the one before, so that reading it all takes few requests. Does not know where the
// object is.

const BLOCK = 64 * 1024;
/** As much comes at once at most, in bytes. */
const MOST = 4 * 1024 * 1024;
/** So many blocks are kept: 64 MB. */
const KEPT = 1024;

interface Range {
  readonly from: number;
  readonly to: number;
}

export class RangeCache {
  readonly #size: number;
  readonly #fetch: (range: Range) => Uint8Array;
  /** The least recently used comes first. */
  readonly #blocks = new Map<number, Uint8Array>();
  /** Where the last fetch ended, and how much it was: in blocks. */
  #last = { end: -1, count: 0 };

  /**
   * @param size of the object, in bytes.
   * @param fetch brings a range; it may be shorter where the object ends too early.
   */
  constructor(size: number, fetch: (range: Range) => Uint8Array) {
    this.#size = size;
    this.#fetch = fetch;
  }

  /** Returns the bytes of a range; fewer if the object ends before. @throws what fetching throws. */
  read({ from, to }: Range): Uint8Array {
    const end = Math.min(to, this.#size);
    const bytes = new Uint8Array(Math.max(0, end - from));
    let held = 0;
    for (let block = Math.floor(from / BLOCK); block * BLOCK < end; block++) {
      const start = block * BLOCK;
      const known = this.#block(block, Math.ceil(end / BLOCK));
      const piece = known.subarray(Math.max(0, from - start), Math.max(0, end - start));
      bytes.set(piece, held);
      held += piece.length;
      if (known.length < Math.min(BLOCK, this.#size - start)) break;
    }
    return bytes.subarray(0, held);
  }

  /** What was kept of a range is not what it should be: it is fetched again. */
  forget({ from, to }: Range): void {
    for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) this.#blocks.delete(block);
  }

  #block(block: number, end: number): Uint8Array {
    const known = this.#blocks.get(block) ?? this.#bring(block, end);
    this.#blocks.delete(block);
    this.#blocks.set(block, known);
    return known;
  }

  /** Brings a block, those up to `end`, and more where reads follow each other. */
  #bring(first: number, end: number): Uint8Array {
    const follows = first >= this.#last.end && first - this.#last.end <= this.#last.count;
    const ahead = follows ? Math.min(this.#last.count * 2, MOST / BLOCK) : 1;
    let to = first + 1;
    while (to < Math.max(end, first + ahead) && to * BLOCK < this.#size && !this.#blocks.has(to)) to++;
    const bytes = this.#fetch({ from: first * BLOCK, to: Math.min(this.#size, to * BLOCK) });
    this.#last = { end: to, count: to - first };
    for (let block = first; block < to; block++)
      this.#blocks.set(block, bytes.slice((block - first) * BLOCK, (block - first + 1) * BLOCK));
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= KEPT || oldest === first) break;
      this.#blocks.delete(oldest);
    }
    return this.#blocks.get(first)!;
  }
}
