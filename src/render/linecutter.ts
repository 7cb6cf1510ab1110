// Cuts a job's text into whole lines.

import { wholeCharacters } from '../model/utf8.ts';

const EMPTY = Buffer.alloc(0);
const NEWLINE = 0x0a;
/** A line longer than this is passed on in pieces. */
const LONGEST_LINE = 256 * 1024;

/** Cuts a job's text into lines. The last line may lack its newline. */
export class LineCutter {
  #rest: Buffer[] = [];
  #held = 0;

  /**
   * Returns the complete lines. Of a line too long to hold, it returns what has come so far, up to the end of
   * a character.
   */
  push(bytes: Buffer): Buffer {
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= 0) {
      const whole = Buffer.concat([...this.#rest, bytes.subarray(0, last + 1)]);
      this.#hold(bytes.subarray(last + 1));
      return whole;
    }
    if (this.#held + bytes.length < LONGEST_LINE) {
      if (bytes.length > 0) this.#rest.push(Buffer.from(bytes));
      this.#held += bytes.length;
      return EMPTY;
    }
    const piece = Buffer.concat([...this.#rest, bytes]);
    const end = wholeCharacters(piece);
    this.#hold(piece.subarray(end));
    return piece.subarray(0, end);
  }

  flush(): Buffer {
    const rest = Buffer.concat(this.#rest);
    this.#hold(EMPTY);
    return rest;
  }

  #hold(bytes: Buffer): void {
    this.#rest = bytes.length > 0 ? [Buffer.from(bytes)] : [];
    this.#held = bytes.length;
  }
}
