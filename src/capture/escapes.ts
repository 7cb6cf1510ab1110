// Takes escape sequences out of a stream as ninja does of what its edges print (util.cc,
// StripAnsiEscapeCodes): of `ESC [` all up to the next letter, and each other ESC alone. Knows nothing of
// terminals.

const ESC = 0x1b;
const BRACKET = 0x5b;

export class EscapeStripper {
  #state: 'text' | 'escape' | 'sequence' = 'text';

  /** @returns what is left of these bytes; the very same buffer where nothing was taken out. */
  push(bytes: Buffer): Buffer {
    if (this.#state === 'text' && !bytes.includes(ESC)) return bytes;
    const kept = Buffer.allocUnsafe(bytes.length);
    let length = 0;
    for (const byte of bytes) {
      if (this.#state === 'sequence') {
        if (isLetter(byte)) this.#state = 'text';
      } else if (this.#state === 'escape' && byte === BRACKET) {
        this.#state = 'sequence';
      } else {
        this.#state = byte === ESC ? 'escape' : 'text';
        if (byte !== ESC) kept[length++] = byte;
      }
    }
    return kept.subarray(0, length);
  }
}

function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
