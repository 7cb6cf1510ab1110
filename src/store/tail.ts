// A file that another process appends to, read as it grows: what was read is not read again. As bytes, or as
// lines, of which one that is not complete yet waits for its end.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import { openPlain, statOf } from './plainfile.ts';

/** Kept open once it was found, so that it is read to its end even where it is deleted meanwhile. */
export class GrowingFile {
  readonly #file: string;
  #fd: number | undefined;
  #at = 0;

  /** The file need not be there yet. */
  constructor(file: string) {
    this.#file = file;
  }

  /** How far it was read, in bytes, and how long the file is now. */
  get progress(): { readonly at: number; readonly size: number } {
    const { size = 0 } = this.#fd === undefined ? (statOf(this.#file) ?? {}) : fs.fstatSync(this.#fd);
    return { at: this.#at, size };
  }

  /** Opens it. @throws Failure where that is not possible: it must be there. */
  open(): void {
    try {
      this.#fd ??= openPlain(this.#file);
    } catch (error) {
      throw new Failure(`${this.#file}: ${reason(error)}`);
    }
  }

  /**
   * Reads what comes next.
   * @returns how many bytes; 0 where there are no more now, or no file.
   * @throws Failure where the file cannot be read.
   */
  read(into: Uint8Array): number {
    try {
      this.#fd ??= openPlain(this.#file);
      const n = fs.readSync(this.#fd, into, 0, into.length, this.#at);
      this.#at += n;
      return n;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw new Failure(`${this.#file}: ${reason(error)}`);
    }
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }
}

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** The lines of a growing file. */
export class Tail {
  readonly #file: GrowingFile;
  readonly #buffer: Buffer;
  readonly #longest: number;
  /** The beginning of a line. */
  #rest: Buffer[] = [];
  #held = 0;

  /**
   * The file need not be there yet.
   * @param chunk how much is read at once, in bytes.
   * @param longest of a longer line, what goes beyond so many bytes is left out, but for what came with them
   *   in one piece.
   */
  constructor(file: string, chunk = CHUNK, longest = Infinity) {
    this.#file = new GrowingFile(file);
    this.#buffer = Buffer.allocUnsafe(chunk);
    this.#longest = longest;
  }

  get progress(): { readonly at: number; readonly size: number } {
    return this.#file.progress;
  }

  /** Opens it. @throws Failure where that is not possible: it must be there. */
  open(): void {
    this.#file.open();
  }

  /**
   * Hands over the lines that have been completed since, without their newlines; those of a chunk at most.
   * One by one, since of what is damage there can be a million to a chunk.
   * @param take a line is valid until this returns.
   * @returns false when there is nothing more for now.
   * @throws Failure where the file cannot be read.
   */
  read(take: (line: Buffer) => void): boolean {
    const n = this.#file.read(this.#buffer);
    if (n === 0) return false;
    const bytes = this.#buffer.subarray(0, n);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const piece = end === from ? NOTHING : bytes.subarray(from, end);
      take(this.#held === 0 ? piece : Buffer.concat([...this.#rest, piece]));
      this.#rest = [];
      this.#held = 0;
      from = end + 1;
    }
    if (from < n && this.#held <= this.#longest) {
      this.#rest.push(Buffer.from(bytes.subarray(from)));
      this.#held += n - from;
    }
    return true;
  }

  /** A line that was begun and has not ended; undefined where there is none. */
  get begun(): Buffer | undefined {
    return this.#held > 0 ? Buffer.concat(this.#rest) : undefined;
  }

  close(): void {
    this.#file.close();
  }
}
