// What tup prints of a command's output when that has ended, to be told from tup's own text. tup prints the
// file 1,024 bytes at a time, each part up to its first NUL.

import fs from 'node:fs';

const PART = 1024;

export class PrintedCopy {
  readonly #fd: number;
  readonly #part = Buffer.alloc(PART);
  #text: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @param fd the file, which must stay open as long as this is used. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Is the whole file printed? */
  get isDone(): boolean {
    while (this.#text.length === 0) {
      const n = fs.readSync(this.#fd, this.#part, 0, PART, this.#at);
      if (n === 0) return true;
      this.#at += n;
      const nul = this.#part.subarray(0, n).indexOf(0);
      this.#text = this.#part.subarray(0, nul < 0 ? n : nul);
    }
    return false;
  }

  /** How many bytes at the start of a text are the next ones of the file; they are taken. */
  take(text: Buffer): number {
    let taken = 0;
    while (taken < text.length && !this.isDone) {
      const most = Math.min(this.#text.length, text.length - taken);
      let same = 0;
      while (same < most && this.#text[same] === text[taken + same]) same++;
      this.#text = this.#text.subarray(same);
      taken += same;
      if (same < most) break;
    }
    return taken;
  }

  /** The same, but only if the text has all that is left of the file. */
  takeRest(text: Buffer): number {
    const rest = this.isDone ? 0 : this.#text.length;
    if (rest > text.length || !this.fits(text)) return 0;
    this.#text = Buffer.alloc(0);
    return this.isDone ? rest : 0;
  }

  /** Does a text go on as the file does, as far as both are there? Nothing is taken. */
  fits(text: Buffer): boolean {
    if (this.isDone) return false;
    const most = Math.min(this.#text.length, text.length);
    return this.#text.subarray(0, most).equals(text.subarray(0, most));
  }
}
