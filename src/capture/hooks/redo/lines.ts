// The lines of logs, to know one again: only a number is kept of each.

const NEWLINE = 0x0a;

export class LineSet {
  readonly #known = new Set<number>();
  /** By log, what is not a whole line yet. */
  readonly #rests = new Map<number, Buffer>();

  /** More of a log. */
  add(log: number, bytes: Buffer): void {
    const rest = this.#rests.get(log);
    const all = rest ? Buffer.concat([rest, bytes]) : bytes;
    let at = 0;
    for (let end = all.indexOf(NEWLINE); end >= 0; end = all.indexOf(NEWLINE, at)) {
      this.#known.add(digest(all.subarray(at, end)));
      at = end + 1;
    }
    this.#rests.set(log, Buffer.from(all.subarray(at)));
  }

  /** A log goes no further. */
  end(log: number): void {
    const rest = this.#rests.get(log);
    if (rest && rest.length > 0) this.#known.add(digest(rest));
    this.#rests.delete(log);
  }

  /** A line that redo-log prints otherwise than it is in the log. @param line with its newline. */
  addLine(line: Buffer): void {
    this.#known.add(digest(line.subarray(0, line.length - 1)));
  }

  has(line: Buffer): boolean {
    return this.#known.has(digest(line));
  }
}

/** 53 bits of a line: cyrb53. */
function digest(line: Buffer): number {
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
