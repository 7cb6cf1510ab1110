// Strips escape sequences from a stream, as ninja does with the output of edges (util.cc,
// StripAnsiEscapeCodes): `ESC [` up to the next letter, and any other ESC alone. Knows nothing of terminals.

const ESC = 0x1b;
const BRACKET = 0x5b;

export class EscapeStripper {
  #state: 'text' | 'escape' | 'sequence' = 'text';

  /** @returns the bytes that are left; the same buffer if nothing was stripped. */
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
