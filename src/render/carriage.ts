/**
 * Progress lines on replay: only the last state of a line that was redrawn with `\r`.
 *
 * Knows lines, `\r`, and the "erase line" sequence that redrawing programs put after it. Does not know
 * columns: a frame replaces the one before it completely, even if it is shorter. Does not know colours (those
 * set in a dropped frame are dropped with it), cursor movement (`ESC [ 1 G`), jobs or terminals. Each stream
 * of bytes needs a filter of its own.
 */

const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const EMPTY = Buffer.alloc(0);
const DEFAULT_LIMIT = 1 << 20;

/**
 * Drops from each line everything up to and including the last `\r` that is followed by other text. A `\r`
 * directly before `\n` or at the end of the log stays: `10%\r20%\rdone\r\n` becomes `done\r\n`, and
 * `10%\r20%\r` at the end becomes `20%\r`. An erase (`ESC [ K`, `ESC [ 2 K`, …) that begins a frame is
 * dropped with the `\r` before it, so `10%\r ESC [ K \n` becomes an empty line.
 *
 * The output depends on the bytes, not on how they are cut into chunks. Only the unfinished frame is held
 * back. If it is longer than `limit` bytes, it passes, and so does the rest of its line.
 *
 * Buffers that `push` returns may share memory with the chunk.
 */
export class CarriageFilter {
  readonly #limit: number;
  /** The unfinished frame is the first `#held` bytes of `#hold`. It never exceeds the limit. */
  #hold = EMPTY;
  #held = 0;
  /** The unfinished frame ends in `\r`, so other text will drop it. */
  #returned = false;
  /** A frame of this line has been dropped. */
  #dropped = false;
  /** The rest of this line passes unfiltered. */
  #passing = false;

  constructor(limit = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** How many bytes are held back. */
  get held(): number {
    return this.#held;
  }

  /**
   * Takes the next bytes. Returns those that are settled by now: possibly none, possibly the chunk itself.
   */
  push(chunk: Buffer): Buffer {
    return this.#returned || chunk.includes(CR) ? this.#pushMixed(chunk) : this.#pushPlain(chunk);
  }

  /** Ends the log and returns the held bytes. The filter can then be used for another log. */
  flush(): Buffer {
    const rest = this.#takeHeld();
    this.#newLine();
    return rest;
  }

  /**
   * Returns the held text of the unfinished line early, since it may be a prompt, unless it ends in `\r`. The
   * rest of the line then passes unfiltered, as text that was shown cannot be dropped any more. Empty if
   * there is nothing to show.
   */
  takePartial(): Buffer {
    if (this.#held === 0 || this.#returned) return EMPTY;
    this.#passing = true;
    return this.#takeHeld();
  }

  /**
   * Handles a chunk without `\r` after a frame that does not end in `\r`. Complete lines pass, and are not
   * copied if nothing is held.
   */
  #pushPlain(chunk: Buffer): Buffer {
    const end = chunk.lastIndexOf(LF) + 1;
    if (end === 0) {
      if (this.#passing) return chunk;
      if (this.#held + chunk.length <= this.#limit) {
        this.#keep(chunk);
        return EMPTY;
      }
      this.#passing = true;
      return this.#takeHeldWith(chunk);
    }
    const tail = chunk.length - end;
    const tailPasses = tail > this.#limit;
    const out = this.#takeHeldWith(tail === 0 || tailPasses ? chunk : chunk.subarray(0, end));
    this.#newLine();
    if (tailPasses) this.#passing = true;
    else if (tail > 0) this.#keep(chunk.subarray(end));
    return out;
  }

  /** Handles any chunk. */
  #pushMixed(chunk: Buffer): Buffer {
    const parts: Buffer[] = [];
    const size = chunk.length;
    let passFrom = 0; // where the passing range starts; it grows while it is contiguous
    let passTo = 0;
    let start = 0; // the frame is the held bytes and the chunk from here
    let at = 0;

    while (at < size) {
      if (this.#passing) {
        const newline = chunk.indexOf(LF, at);
        at = start = passTo = newline === -1 ? size : newline + 1;
        if (newline !== -1) this.#newLine();
        continue;
      }
      let byte = chunk[at];
      if (this.#returned && byte !== CR && byte !== LF) {
        this.#held = 0;
        this.#returned = false;
        this.#dropped = true;
        start = at;
      }
      at = nextBreak(chunk, at);
      byte = chunk[at];
      if (byte === CR) {
        this.#returned = true;
        at++;
      }
      if (this.#held + at - start > this.#limit) this.#passing = true;
      else if (byte !== LF) continue;
      else at++;

      // The frame is settled: its line has ended, or is too long.
      if (this.#held > 0) {
        // The held bytes are older than the chunk, so nothing of the chunk has passed yet.
        if (this.#dropped) {
          this.#keep(chunk.subarray(start, at));
          start = at;
        }
        parts.push(this.#takeHeld());
      } else if (this.#dropped) {
        start += eraseLength(chunk, start);
      }
      if (start !== passTo) {
        if (passTo > passFrom) parts.push(chunk.subarray(passFrom, passTo));
        passFrom = start;
      }
      passTo = start = at;
      if (this.#passing) this.#returned = false;
      else this.#newLine();
    }
    if (start < size) this.#keep(chunk.subarray(start));
    if (passTo > passFrom) parts.push(chunk.subarray(passFrom, passTo));
    const [first = EMPTY] = parts;
    return parts.length > 1 ? Buffer.concat(parts) : first;
  }

  #newLine(): void {
    this.#returned = this.#dropped = this.#passing = false;
  }

  /** Appends to the held bytes. Copies them, as the caller may reuse its chunk. */
  #keep(bytes: Buffer): void {
    const held = this.#held + bytes.length;
    if (held > this.#hold.length) {
      const larger = Buffer.allocUnsafe(Math.max(256, this.#held === 0 ? held : held * 2));
      this.#hold.copy(larger, 0, 0, this.#held);
      this.#hold = larger;
    }
    bytes.copy(this.#hold, this.#held);
    this.#held = held;
  }

  /** Returns the held bytes together with their memory. */
  #takeHeld(): Buffer {
    if (this.#held === 0) return EMPTY;
    const frame = this.#hold.subarray(0, this.#held);
    this.#hold = EMPTY;
    this.#held = 0;
    return this.#dropped ? frame.subarray(eraseLength(frame, 0)) : frame;
  }

  #takeHeldWith(more: Buffer): Buffer {
    if (this.#held === 0) return more;
    const all = Buffer.concat([this.#hold.subarray(0, this.#held), more]);
    this.#hold = EMPTY;
    this.#held = 0;
    return this.#dropped ? all.subarray(eraseLength(all, 0)) : all;
  }
}

/**
 * The index of the next `\n` or `\r`, or else the end. Does not use indexOf, which would search for one far
 * past the other.
 */
function nextBreak(bytes: Buffer, from: number): number {
  const size = bytes.length;
  let at = from;
  while (at < size) {
    const byte = bytes[at]!;
    if (byte <= CR && (byte === CR || byte === LF)) break;
    at++;
  }
  return at;
}

/** The length of the `ESC [ K`, `ESC [ 0 K`, `ESC [ 1 K` or `ESC [ 2 K` at `from`; 0 if there is none. */
function eraseLength(bytes: Buffer, from: number): number {
  if (bytes[from] !== ESC || bytes[from + 1] !== 0x5b) return 0;
  const next = bytes[from + 2] ?? 0;
  if (next === 0x4b) return 3;
  return next >= 0x30 && next <= 0x32 && bytes[from + 3] === 0x4b ? 4 : 0;
}
