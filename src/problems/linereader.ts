// A log's text as the patterns see it: line by line, decoded, without escape sequences. Knows no pattern.
//
// The text is held as latin1, one character a byte: so an index in it is an offset in the log, and searching
// it is fast.

import { plain } from './strip.ts';

/** No more of a line is looked at: no tool says where a problem is so far to the right. */
const LONGEST = 4096;

export interface Line {
  /** Indices into the text; `next` is where the next line starts. */
  readonly start: number;
  readonly next: number;
  readonly text: string;
}

/** The whole lines of a piece of a log. */
export class LineReader {
  readonly text: string;
  /** The end of the last whole line. */
  readonly end: number;
  /** Nothing comes after it. */
  readonly final: boolean;
  #last: Line | undefined;

  constructor(text: string, end: number, final: boolean) {
    this.text = text;
    this.end = end;
    this.final = final;
  }

  /** The line that starts at this index, which must be below `end`. */
  at(start: number): Line {
    if (this.#last?.start === start) return this.#last;
    const newline = this.text.indexOf('\n', start);
    const stop = newline < 0 || newline >= this.end ? this.end : newline;
    const raw = this.text.slice(start, Math.min(stop, start + LONGEST));
    this.#last = { start, next: Math.min(stop + 1, this.end), text: plainLine(raw) };
    return this.#last;
  }

  /** The line before the one that starts here; undefined at or above `floor`. */
  before(start: number, floor: number): Line | undefined {
    if (start <= floor) return undefined;
    const newline = start >= 2 ? this.text.lastIndexOf('\n', start - 2) : -1;
    return newline + 1 < floor ? undefined : this.at(newline + 1);
  }

  /** The texts of up to so many lines from here on, joined; undefined where that cannot be known yet. */
  joined(start: number, count: number): string | undefined {
    const found: string[] = [];
    let at = start;
    for (; found.length < count && at < this.end;) {
      const line = this.at(at);
      found.push(line.text);
      at = line.next;
    }
    return found.length < count && !this.final ? undefined : found.join('\n');
  }
}

/** As it ended, if it was redrawn; decoded; without escape sequences and the blanks at its end. */
function plainLine(raw: string): string {
  let text = raw;
  if (text.includes('\r')) {
    text = text.replace(/\r+$/, '');
    text = text.slice(text.lastIndexOf('\r') + 1);
  }
  // Nearly all lines are of none of these characters.
  if (!/[\x00-\x08\x0a-\x1f\x7f-\xff]/.test(text)) return text.trimEnd();
  if (/[\x80-\xff]/.test(text)) text = Buffer.from(text, 'latin1').toString('utf8');
  return plain(text).trimEnd();
}
