// A file of lines that another process appends to, read as it grows: what was read is not read again, and a line that is not complete yet
// waits for its end.

import fs from 'node:fs';
import { Failure, reason } from '../model/failure.ts';

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;

export class Tail {
  readonly #file: string;
  #fd: number | undefined;
  #at = 0;
  /** The beginning of a line. */
  #rest: Buffer[] = [];
  readonly #buffer = Buffer.allocUnsafe(CHUNK);

  /** The file need not be there yet. */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * The lines that have been completed since, without their newlines; at most about a megabyte of them. They are valid until the next call.
   * @returns undefined when there is nothing more for now.
   * @throws Failure where the file cannot be read.
   */
  read(): Buffer[] | undefined {
    const n = this.#fill();
    if (n === 0) return undefined;
    this.#at += n;
    const bytes = this.#buffer.subarray(0, n);
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const piece = bytes.subarray(from, end);
      lines.push(this.#rest.length === 0 ? piece : Buffer.concat([...this.#rest, piece]));
      this.#rest = [];
      from = end + 1;
    }
    if (from < n) this.#rest.push(Buffer.from(bytes.subarray(from)));
    return lines;
  }

  /** A line that was begun and never ended. */
  get cut(): boolean {
    return this.#rest.length > 0;
  }

  close(): void {
    if (this.#fd !== undefined) fs.closeSync(this.#fd);
    this.#fd = undefined;
  }

  #fill(): number {
    try {
      // Kept open, so that it is read to its end even where it is deleted meanwhile.
      this.#fd ??= fs.openSync(this.#file, 'r');
      return fs.readSync(this.#fd, this.#buffer, 0, CHUNK, this.#at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw new Failure(`${this.#file}: ${reason(error)}`);
    }
  }
}
