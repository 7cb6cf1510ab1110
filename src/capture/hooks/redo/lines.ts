// A set of lines of logs. Keeps only a hash of each.

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
      this.#known.add(hash(all.subarray(at, end)));
      at = end + 1;
    }
    this.#rests.set(log, Buffer.from(all.subarray(at)));
  }

  /** Ends a log: its last line needs no newline. */
  end(log: number): void {
    const rest = this.#rests.get(log);
    if (rest && rest.length > 0) this.#known.add(hash(rest));
    this.#rests.delete(log);
  }

  /** Adds a line as redo-log prints it, if that differs from the log. @param line with its newline. */
  addLine(line: Buffer): void {
    this.#known.add(hash(line.subarray(0, line.length - 1)));
  }

  has(line: Buffer): boolean {
    return this.#known.has(hash(line));
  }
}

/** A hash of 53 bits: cyrb53. */
function hash(line: Buffer): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (const byte of line) {
    a = Math.imul(a ^ byte, 2654435761);
    b = Math.imul(b ^ byte, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return 4294967296 * (2097151 & b) + (a >>> 0);
}
