// Cuts text that comes in chunks into lines, with their offsets in a log. Knows nothing else.

const NEWLINE = 0x0a;

/** A line with its newline. */
export interface LogLine {
  readonly from: number;
  readonly to: number;
  readonly bytes: Buffer;
}

export class LogLines {
  #rest: Buffer[] = [];
  #from = 0;

  /** Adds text at an offset, after all earlier text. @returns the lines that it finishes. */
  *push(at: number, text: Buffer): Iterable<LogLine> {
    let start = 0;
    for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
      const line = text.subarray(start, end + 1);
      const to = at + end + 1;
      if (this.#rest.length === 0) yield { from: at + start, to, bytes: line };
      else yield { from: this.#from, to, bytes: Buffer.concat([...this.#rest, line]) };
      this.#rest = [];
      start = end + 1;
    }
    if (start === text.length) return;
    if (this.#rest.length === 0) this.#from = at + start;
    this.#rest.push(Buffer.from(text.subarray(start)));
  }

  get isEmpty(): boolean {
    return this.#rest.length === 0;
  }

  /** The unfinished line. */
  get rest(): Buffer {
    return Buffer.concat(this.#rest);
  }

  /** Ends the text: the unfinished line is a line after all. */
  end(): LogLine | undefined {
    if (this.#rest.length === 0) return undefined;
    const bytes = Buffer.concat(this.#rest);
    this.#rest = [];
    return { from: this.#from, to: this.#from + bytes.length, bytes };
  }
}
