// Keeps the start and the end of a text that is too long to be printed whole. Memory is that of what is kept.

import type { Write } from './stdout.ts';

const NEWLINE = 0x0a;
/** The end says more than the start: errors stand there. */
const START_SHARE = 1 / 4;

export class Excerpt {
  readonly #budget: number;
  readonly #pieces: Buffer[] = [];
  #kept = 0;
  /** The start, from the moment when the text is known to be too long. */
  #start: Buffer | undefined;
  #bytes = 0;
  #lines = 0;

  /** @param budget the most bytes that text() returns. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Takes the place of stdout. */
  readonly write: Write = (bytes, done) => {
    this.#bytes += bytes.length;
    this.#lines += newlines(bytes);
    this.#pieces.push(Buffer.from(bytes));
    this.#kept += bytes.length;
    if (this.#kept > this.#budget) this.#shorten();
    done(null, bytes.length);
  };

  /**
   * The text, or its start and its end in whole lines.
   * @param leftOut what stands between them, with its newline, for a number of lines and of bytes.
   */
  text(leftOut: (lines: number, bytes: number) => string): Buffer {
    if (!this.#start) return Buffer.concat(this.#pieces);
    const most = Buffer.byteLength(leftOut(this.#lines, this.#bytes)) + 1;
    const end = this.#end(Math.max(0, this.#budget - this.#start.length - most));
    const lines = this.#lines - newlines(this.#start) - newlines(end);
    const note = Buffer.from(leftOut(lines, this.#bytes - this.#start.length - end.length));
    const cut = this.#start.length > 0 && this.#start.at(-1) !== NEWLINE ? '\n' : '';
    return Buffer.concat([this.#start, Buffer.from(cut), note, end]);
  }

  /** Keeps the start, and of what follows only the end. */
  #shorten(): void {
    if (!this.#start) {
      const all = Buffer.concat(this.#pieces.splice(0));
      const most = Math.floor(this.#budget * START_SHARE);
      const lineEnd = all.subarray(0, most).lastIndexOf(NEWLINE) + 1;
      this.#start = Buffer.from(all.subarray(0, lineEnd || characterEnd(all, most)));
      const rest = all.subarray(this.#start.length);
      this.#pieces.push(rest);
      this.#kept = rest.length;
    }
    while (this.#pieces.length > 0 && this.#kept - this.#pieces[0]!.length >= this.#budget)
      this.#kept -= this.#pieces.shift()!.length;
  }

  /** The last whole lines, or what fits of the last one. */
  #end(most: number): Buffer {
    const all = Buffer.concat(this.#pieces);
    if (all.length <= most) return all;
    const tail = all.subarray(all.length - most);
    const lineStart = tail.indexOf(NEWLINE) + 1;
    if (lineStart > 0 && lineStart < tail.length) return tail.subarray(lineStart);
    return tail.subarray(characterStart(tail));
  }
}

function newlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

const continues = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The last place up to `at` that cuts no character. */
function characterEnd(bytes: Buffer, at: number): number {
  let end = at;
  while (end > 0 && continues(bytes[end])) end--;
  return end;
}

/** The first place that does not continue a character. */
function characterStart(bytes: Buffer): number {
  let start = 0;
  while (continues(bytes[start])) start++;
  return start;
}
