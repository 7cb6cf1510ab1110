// A set of lines of logs. Keeps only a hash of each.

import { hash } from '../../../model/hash.ts';

const NEWLINE = 0x0a;

export class LineSet {
  readonly #known = new Set<number>();
  /** The unfinished last line of each log. */
  readonly #rests = new Map<number, Buffer>();

  /** Adds the lines of the next part of a log. */
  add(log: number, bytes: Buffer): void {
    const rest = this.#rests.get(log);
    const all = rest ? Buffer.concat([rest, bytes]) : bytes;
    let at = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, at)) {
      this.#known.add(keyOf(all.subarray(at, end)));
      at = end + 1;
    }
    this.#rests.set(log, Buffer.from(all.subarray(at)));
  }

  /** Ends a log: its last line needs no newline. */
  end(log: number): void {
    const rest = this.#rests.get(log);
    if (rest && rest.length > 0) this.#known.add(keyOf(rest));
    this.#rests.delete(log);
  }

  /** Adds a line as redo-log prints it, if that differs from the log. @param line with its newline. */
  addLine(line: Buffer): void {
    this.#known.add(keyOf(line.subarray(0, line.length - 1)));
  }

  has(line: Buffer): boolean {
    return this.#known.has(keyOf(line));
  }
}

function keyOf(line: Buffer): number {
  return hash(line.toString('latin1'));
}
