// Reads a file to which another process appends, without reading anything twice. Returns bytes or lines. An
// incomplete line waits for its end.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';
import { openPlain, statOf } from './plainfile.ts';

/** It stays open once it was found, so that it is read to its end even if it is deleted meanwhile. */
export class GrowingFile {
  readonly #file: string;
  #fd: number | undefined;
  #at = 0;

  /** The file need not exist yet. */
  constructor(file: string) {
    this.#file = file;
  }

  /** How much was read, in bytes, and the current size of the file. */
  get progress(): { readonly at: number; readonly size: number } {
    const { size = 0 } = this.#fd === undefined ? (statOf(this.#file) ?? {}) : fs.fstatSync(this.#fd);
    return { at: this.#at, size };
  }

  /**
   * Opens the file, which must exist.
   * @throws Failure if that is not possible.
   */
  open(): void {
    try {
      this.#fd ??= openPlain(this.#file);
    } catch (error) {
      throw new Failure(`${this.#file}: ${reason(error)}`);
    }
  }

  /**
   * Reads the next bytes.
   * @returns how many; 0 if there are no more now, or no file.
   * @throws Failure if the file cannot be read.
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
   * The file need not exist yet.
   * @param chunk the size of each read in bytes.
   * @param longest the rest of a longer line, in bytes, is dropped, except for what was read along with the
   *   beginning.
   */
  constructor(file: string, chunk = CHUNK, longest = Infinity) {
    this.#file = new GrowingFile(file);
    this.#buffer = Buffer.allocUnsafe(chunk);
    this.#longest = longest;
  }

  get progress(): { readonly at: number; readonly size: number } {
    return this.#file.progress;
  }

  /**
   * Opens the file, which must exist.
   * @throws Failure if that is not possible.
   */
  open(): void {
    this.#file.open();
  }

  /**
   * Passes on the lines that have been completed, without their newlines, from one chunk at most. They are
   * passed one by one, since a damaged chunk can have a million of them.
   * @param take called with each line, which is valid until this returns.
   * @returns false if there is nothing more for now.
   * @throws Failure if the file cannot be read.
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

  /** A line that has begun and not ended; undefined if there is none. */
  get begun(): Buffer | undefined {
    return this.#held > 0 ? Buffer.concat(this.#rest) : undefined;
  }

  close(): void {
    this.#file.close();
  }
}
