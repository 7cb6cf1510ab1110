// A log's text as the patterns see it: line by line, decoded, without escape sequences. Knows no pattern.
//
// The text is held as latin1, one character per byte. An index in it is thus an offset in the log, and
// searching it is fast.

import { plain } from './strip.ts';

/** Only this much of a line is examined: no tool reports a problem further to the right. */
const LONGEST = 4096;

/** How many lines are kept: the next problem often begins at a line that the last one was tried with. */
const RECENT = 4;

export interface LogLine {
  /** Indices into the text. `next` is where the next line starts. */
  readonly start: number;
  readonly next: number;
  readonly text: string;
}

/** The complete lines of a piece of a log. */
export class LineReader {
  readonly text: string;
  /** The end of the last complete line. */
  readonly end: number;
  /** Whether nothing comes after it. */
  readonly final: boolean;
  /** The lines that were read last. */
  readonly #recent: (LogLine | undefined)[] = new Array<LogLine | undefined>(RECENT);
  #next = 0;

  constructor(text: string, end: number, final: boolean) {
    this.text = text;
    this.end = end;
    this.final = final;
  }

  /** Returns the line that starts at this index, which must be below `end`. */
  at(start: number): LogLine {
    for (const line of this.#recent) if (line?.start === start) return line;
    const newline = this.text.indexOf('\n', start);
    const stop = newline < 0 || newline >= this.end ? this.end : newline;
    const raw = this.text.slice(start, Math.min(stop, start + LONGEST));
    const line = { start, next: Math.min(stop + 1, this.end), text: plainLine(raw) };
    this.#recent[this.#next++ % RECENT] = line;
    return line;
  }

  /** Returns the line before the one that starts here; undefined at or above `floor`. */
  before(start: number, floor: number): LogLine | undefined {
    if (start <= floor) return undefined;
    const newline = start >= 2 ? this.text.lastIndexOf('\n', start - 2) : -1;
    return newline + 1 < floor ? undefined : this.at(newline + 1);
  }

  /** Joins the texts of up to `count` lines from here on; undefined if they are not known yet. */
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

/** The line decoded, in its last state if it was redrawn, without escape sequences and trailing blanks. */
function plainLine(raw: string): string {
  let text = raw;
  if (text.includes('\r')) {
    text = text.replace(/\r+$/, '');
    text = text.slice(text.lastIndexOf('\r') + 1);
  }
  // Nearly all lines have none of these characters.
  if (!/[\x00-\x08\x0a-\x1f\x7f-\xff]/.test(text)) return text.trimEnd();
  if (/[\x80-\xff]/.test(text)) text = Buffer.from(text, 'latin1').toString('utf8');
  return plain(text).trimEnd();
}
