// The lines of a file to which another process appends. Nothing is read twice. An incomplete line waits for
// its end.

/** A file that grows, wherever it is. */
export interface GrowingBytes {
  /** In messages. */
  readonly name: string;
  /** How much was read, in bytes, and the current size of the file. */
  readonly progress: { readonly at: number; readonly size: number };
  /**
   * Opens the file, which must exist.
   * @throws Failure if that is not possible.
   */
  open(): void;
  /**
   * Reads the next bytes.
   * @returns how many; 0 if there are no more now, or no file.
   * @throws Failure if the file cannot be read.
   */
  read(into: Uint8Array): number;
  close(): void;
}

const CHUNK = 1024 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/** The lines of a growing file. */
export class Tail {
  readonly #file: GrowingBytes;
  readonly #buffer: Buffer;
  readonly #longest: number;
  /** The beginning of a line. */
  #rest: Buffer[] = [];
  #held = 0;

  /**
   * The file need not exist yet.
   * @param chunk the size of each read in bytes.
   * @param longest the rest of a longer line, in bytes, is dropped, except for what was read along with the
   *   beginning.
   */
  constructor(file: GrowingBytes, chunk = CHUNK, longest = Infinity) {
    this.#file = file;
    this.#buffer = Buffer.allocUnsafe(chunk);
    this.#longest = longest;
  }

  get progress(): { readonly at: number; readonly size: number } {
    return this.#file.progress;
  }

  /**
   * Opens the file, which must exist.
   * @throws Failure if that is not possible.
   */
  open(): void {
    this.#file.open();
  }

  /**
   * Passes on the lines that have been completed, without their newlines, from one chunk at most. They are
   * passed one by one, since a damaged chunk can have a million of them.
   * @param take called with each line, which is valid until this returns.
   * @returns false if there is nothing more for now.
   * @throws Failure if the file cannot be read.
   */
  read(take: (line: Buffer) => void): boolean {
    const n = this.#file.read(this.#buffer);
    if (n === 0) return false;
    const bytes = this.#buffer.subarray(0, n);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      const piece = end === from ? NOTHING : bytes.subarray(from, end);
      take(this.#held === 0 ? piece : Buffer.concat([...this.#rest, piece]));
      this.#rest = [];
      this.#held = 0;
      from = end + 1;
    }
    if (from < n && this.#held <= this.#longest) {
      this.#rest.push(Buffer.from(bytes.subarray(from)));
      this.#held += n - from;
    }
    return true;
  }

  /** A line that has begun and not ended; undefined if there is none. */
  get begun(): Buffer | undefined {
    return this.#held > 0 ? Buffer.concat(this.#rest) : undefined;
  }

  close(): void {
    this.#file.close();
  }
}
