// Checks a tar as it passes by, for what its reader does not report: kinds of entries that the reader would
// take for files (a sparse file's holes would be lost), and data that belongs to no file, of which a packed
// megabyte can hold a gigabyte. Knows the layout of headers (POSIX.1-1988 ustar, pax, GNU tar's "Basic Tar
// Format"), no file.

const BLOCK = 512;

/**
 * Old and new regular files, links, devices, folders, FIFOs, contiguous files; pax headers; GNU's long names.
 */
const KNOWN = /^[\x000-7xgLK]$/;
/** These have no body, whatever size they claim. */
const BODYLESS = /^[1-6]$/;
/** These describe the entry after them. */
const EXTENSION = /^[xgLK]$/;

/** Names and attributes are shorter. */
const LONGEST_EXTENSION = 1024 * 1024;
/** The allowance for data besides the files' bytes: for each entry its header, its padding, and some more. */
const MOST_FOR_ENTRY = 4096;
const MOST_BESIDES = 64 * 1024 * 1024;

export class TarKinds {
  readonly #header = Buffer.alloc(BLOCK);
  #held = 0;
  /** How many bytes remain to be skipped. */
  #skip = 0;
  /** The part of a pax header's body that has arrived. */
  #pax: Buffer[] | undefined;
  #paxLeft = 0;
  #isGlobal = false;
  #nextSize: number | undefined;
  #globalSize: number | undefined;
  #entries = 0;
  #besides = 0;
  #over = false;

  /**
   * Takes the next bytes.
   * @throws Error with an explanation if the archive cannot be accepted.
   */
  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#over) {
        this.#count(bytes.length - at);
        return;
      }
      if (this.#skip > 0) {
        const n = Math.min(this.#skip, bytes.length - at);
        if (this.#pax) this.#takePax(bytes.subarray(at, at + n));
        this.#skip -= n;
        at += n;
        continue;
      }
      const n = Math.min(BLOCK - this.#held, bytes.length - at);
      bytes.copy(this.#header, this.#held, at, at + n);
      this.#held += n;
      at += n;
      if (this.#held === BLOCK) this.#takeHeader();
    }
  }

  #takeHeader(): void {
    const header = this.#header;
    this.#held = 0;
    this.#count(BLOCK);
    // Zeros end the archive.
    if (header.every((byte) => byte === 0)) {
      this.#over = true;
      return;
    }
    const kind = String.fromCharCode(header[156]!);
    if (!KNOWN.test(kind))
      throw new Error(`has an entry of the kind ${JSON.stringify(kind)}, which no build has`);
    let size = numberIn(header.subarray(124, 136));
    if (EXTENSION.test(kind)) {
      if (!(size <= LONGEST_EXTENSION))
        throw new Error('has a name, or attributes of a file, longer than any build has');
      this.#count(size);
      if (kind === 'x' || kind === 'g') {
        this.#pax = [];
        this.#paxLeft = size;
        this.#isGlobal = kind === 'g';
      }
    } else {
      this.#entries++;
      size = this.#nextSize ?? this.#globalSize ?? size;
      this.#nextSize = undefined;
      if (BODYLESS.test(kind)) size = 0;
    }
    // The reader complains about a size that is not a number.
    this.#skip = size > 0 ? Math.ceil(size / BLOCK) * BLOCK : 0;
  }

  #takePax(bytes: Buffer): void {
    const piece = bytes.subarray(0, this.#paxLeft);
    this.#pax!.push(Buffer.from(piece));
    this.#paxLeft -= piece.length;
    if (this.#paxLeft > 0) return;
    const text = Buffer.concat(this.#pax!).toString('latin1');
    this.#pax = undefined;
    if (/^\d+ GNU\.sparse\./m.test(text)) throw new Error('has a sparse file, which no build has');
    const size = [...text.matchAll(/^\d+ size=(\d+)$/gm)].at(-1)?.[1];
    if (size === undefined || !Number.isSafeInteger(Number(size))) return;
    if (this.#isGlobal) this.#globalSize = Number(size);
    else this.#nextSize = Number(size);
  }

  #count(bytes: number): void {
    this.#besides += bytes;
    if (this.#besides > MOST_BESIDES + this.#entries * MOST_FOR_ENTRY)
      throw new Error('is padded with more than any archive is');
  }
}

/**
 * Reads a number of a header: octal digits or, if its first bit is set, binary. Returns NaN if it is not a
 * number.
 */
function numberIn(field: Buffer): number {
  if (field[0]! >= 0x80)
    return [...field].reduce((sum, byte, i) => sum * 256 + (i === 0 ? byte & 0x7f : byte), 0);
  const [digits = ''] = field.toString('latin1').replaceAll(' ', '').split('\0');
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : NaN;
}
