// Reads a build's pack by ranges and keeps what it has read in a file with holes, in blocks. The first
// miss brings the blocks that are asked for, each further one more around them, so that reading a whole pack
// takes few requests.

import fs from 'node:fs';
import type { Range } from './remote.ts';

/** In bytes. */
const BLOCK = 64 * 1024;
/** As much comes at once at most, in bytes. */
const MOST = 8 * 1024 * 1024;
/** As many blocks come at once at most where reads do not follow each other. */
const AROUND = 16;

/** Brings a range of the pack; it may be shorter where the pack ends too early. */
export type FetchRange = (range: Range) => Buffer;

export class PackReader {
  readonly #size: number;
  readonly #fetch: FetchRange;
  /** The file with holes, and a byte for each block that says whether it is there. */
  readonly #data: number | undefined;
  readonly #marks: number | undefined;
  readonly #there: Uint8Array;
  /** Blocks that could not be kept. */
  readonly #unkept = new Map<number, Buffer>();
  #misses = 0;
  /** Where the last fetch ended, and how much it was: in blocks. */
  #last = { end: -1, count: 0 };

  /**
   * @param folder for the two files. @param size of the pack in bytes.
   * If they cannot be written, what was read is kept in memory.
   */
  constructor(folder: string, size: number, fetch: FetchRange) {
    this.#size = size;
    this.#fetch = fetch;
    this.#there = new Uint8Array(Math.ceil(size / BLOCK));
    this.#data = openOrUndefined(`${folder}/logs.pack`);
    this.#marks = openOrUndefined(`${folder}/logs.blocks`);
    if (this.#data !== undefined && this.#marks !== undefined)
      fs.readSync(this.#marks, this.#there, 0, this.#there.length, 0);
  }

  /** Returns the bytes of a range; fewer if the pack ends before. @throws what fetching throws. */
  read({ from, to }: Range): Buffer {
    const end = Math.min(to, this.#size);
    if (end <= from) return Buffer.alloc(0);
    const pieces: Buffer[] = [];
    const last = Math.floor((end - 1) / BLOCK);
    for (let block = Math.floor(from / BLOCK); block <= last; block++) {
      if (!this.#has(block)) this.#bring(block, last);
      const piece = this.#block(block);
      const start = block * BLOCK;
      pieces.push(piece.subarray(Math.max(0, from - start), Math.min(piece.length, end - start)));
    }
    return Buffer.concat(pieces);
  }

  /** What was kept of a range is not what it should be: it is brought again when it is read again. */
  forget({ from, to }: Range): void {
    for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) {
      this.#there[block] = 0;
      this.#unkept.delete(block);
    }
  }

  close(): void {
    for (const fd of [this.#data, this.#marks]) if (fd !== undefined) fs.closeSync(fd);
  }

  #has(block: number): boolean {
    return this.#there[block] === 1 || this.#unkept.has(block);
  }

  #block(block: number): Buffer {
    const unkept = this.#unkept.get(block);
    if (unkept) return unkept;
    const bytes = Buffer.allocUnsafe(Math.min(BLOCK, this.#size - block * BLOCK));
    const n = fs.readSync(this.#data!, bytes, 0, bytes.length, block * BLOCK);
    return bytes.subarray(0, n);
  }

  /** Brings the blocks from one to another one, and some around them. */
  #bring(first: number, last: number): void {
    const follows = first >= this.#last.end && first - this.#last.end <= this.#last.count;
    const size = follows ? Math.min(this.#last.count * 2, MOST / BLOCK) : Math.min(2 ** this.#misses, AROUND);
    this.#misses++;
    let from = follows ? first : Math.floor(first / size) * size;
    const most = Math.min(this.#there.length, Math.max(last + 1, from + size));
    while (from < first && this.#has(from)) from++;
    let end = first + 1;
    while (end < most && !this.#has(end)) end++;
    const bytes = this.#fetch({ from: from * BLOCK, to: Math.min(this.#size, end * BLOCK) });
    this.#last = { end, count: end - from };
    for (let block = from; block < end; block++)
      this.#keep(block, bytes.subarray((block - from) * BLOCK, (block - from + 1) * BLOCK));
  }

  #keep(block: number, bytes: Buffer): void {
    const whole = bytes.length === Math.min(BLOCK, this.#size - block * BLOCK);
    try {
      if (!whole || this.#data === undefined || this.#marks === undefined) throw new Error('kept in memory');
      if (fs.writeSync(this.#data, bytes, 0, bytes.length, block * BLOCK) !== bytes.length)
        throw new Error('no room');
      fs.writeSync(this.#marks, Buffer.of(1), 0, 1, block);
      this.#there[block] = 1;
    } catch {
      // No room on the disk, or a pack that is cut short.
      this.#unkept.set(block, Buffer.from(bytes));
    }
  }
}

/** Opens a file for reading and writing, creates it if need be. */
function openOrUndefined(file: string): number | undefined {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = fs.constants;
  try {
    return fs.openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
  } catch {
    return undefined;
  }
}
