// Text of a log that is not split into lines yet. A reader that passes everything on, as tee does, prints the
// same bytes: to compare them as they are costs little. Pure.

const NEWLINE = 0x0a;
/** The longest beginning of a line. */
const LONGEST_BEGINNING = 256 * 1024;

/** Text at an offset in a log. */
export interface Chunk {
  readonly at: number;
  readonly bytes: Buffer;
}

export class Unsplit {
  /** All but the last one end with a newline. */
  #chunks: Chunk[] = [];
  #first = 0;

  get isEmpty(): boolean {
    return this.#first === this.#chunks.length;
  }

  /** The number of chunks. */
  get count(): number {
    return this.#chunks.length - this.#first;
  }

  /** Adds text after all other. @param bytes not used again by the caller. */
  push(at: number, bytes: Buffer): void {
    const last = this.isEmpty ? undefined : this.#chunks.pop();
    const whole = last ? last.bytes.lastIndexOf(NEWLINE) + 1 : 0;
    if (last && whole > 0) this.#chunks.push({ at: last.at, bytes: last.bytes.subarray(0, whole) });
    const rest = last?.bytes.subarray(whole);
    if (!last || !rest || rest.length === 0) this.#chunks.push({ at, bytes });
    else this.#chunks.push({ at: last.at + whole, bytes: Buffer.concat([rest, bytes]) });
  }

  /** Takes the first chunk. */
  shift(): Chunk | undefined {
    const chunk = this.isEmpty ? undefined : this.#chunks[this.#first++];
    if (this.#first * 2 > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
    return chunk;
  }

  /** Takes the lines with which both the first chunk and a text begin. @returns them. */
  takeSame(text: Buffer): Chunk | undefined {
    const head = this.#chunks[this.#first];
    const n = head ? sameLines(head.bytes, text) : 0;
    if (!head || n === 0) return undefined;
    if (n === head.bytes.length) return this.shift();
    this.#chunks[this.#first] = { at: head.at + n, bytes: head.bytes.subarray(n) };
    return { at: head.at, bytes: head.bytes.subarray(0, n) };
  }

  /** Does it begin with this text, which has no newline? @param on does it go on after that? */
  begins(text: Buffer, on: boolean): boolean {
    const bytes = this.#chunks[this.#first]?.bytes;
    if (!bytes || text.length > bytes.length || (on && text.length === bytes.length)) return false;
    return text.equals(bytes.subarray(0, text.length));
  }

  /** The line that it ends in has no end: to go on with it costs more than to split it. */
  get isLong(): boolean {
    const last = this.#chunks.at(-1)?.bytes;
    return last !== undefined && last.length > LONGEST_BEGINNING && !last.includes(NEWLINE);
  }
}

/** The size of the whole lines that both begin with. */
function sameLines(a: Buffer, b: Buffer): number {
  const n = Math.min(a.length, b.length);
  if (a.compare(b, 0, n, 0, n) === 0) return a.subarray(0, n).lastIndexOf(NEWLINE) + 1;
  for (let same = 0; ;) {
    const end = a.indexOf(NEWLINE, same) + 1;
    if (end === 0 || end > n || a.compare(b, same, end, same, end) !== 0) return same;
    same = end;
  }
}
