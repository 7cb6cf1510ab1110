/**
 * Makes job output safe for a terminal. Colours pass. Everything else that could move the cursor, set the
 * title, make the terminal respond or hide text is removed. For names, see model/printable.ts.
 *
 * Knows escape sequences (ECMA-48 and xterm's additions) and enough UTF-8 to tell a control character from a
 * part of a letter. Does not know what colours mean, whether one is still on, lines, jobs, or whether stdout
 * is a terminal. Bidi controls in job output pass, since the output is not ours.
 *
 * strip-ansi is not used here. It needs complete sequences in decoded text, while chunks cut sequences and
 * characters anywhere and need not be UTF-8. The tests compare with it.
 */

const BEL = 0x07;
const LF = 0x0a;
const CR = 0x0d;
const CAN = 0x18;
const SUB = 0x1a;
const ESC = 0x1b;
const EMPTY = Buffer.alloc(0);

/** The longest colour sequence that passes, without its `ESC [` and `m`. */
const MAX_PARAMETERS = 256;
/** How much of an unterminated OSC, DCS, … is taken for its text. */
const MAX_STRING = 4096;

const PLAIN = 0;
const CONTROL = 1;
const ESCAPE = 2;
const HIGH = 3;

/** Classifies each byte as the start of a character. */
const KIND = new Uint8Array(256).map((_, byte) => {
  if (byte >= 0x80) return HIGH;
  if (byte === ESC) return ESCAPE;
  if (byte === 0x7f) return CONTROL;
  return byte >= 0x20 || byte === 0x09 || byte === LF || byte === CR ? PLAIN : CONTROL;
});

/**
 * What is being skipped: nothing; the rest of a CSI sequence; of an escape with intermediate bytes, such as
 * `ESC ( B`; of a string that ends at ST (DCS, …); or of one that also ends at BEL (OSC).
 */
type Skipping = 'nothing' | 'csi' | 'escape' | 'string' | 'osc';

/** `colours`: colour sequences (SGR) pass. `strip`: no escape sequence passes. */
export type SanitizeMode = 'colours' | 'strip';

/**
 * Removes the following from a stream of bytes: complete escape sequences other than colours such as
 * `ESC [ 1;31 m`, which pass in the mode `colours`; C0 controls other than `\n`, `\t` and `\r`; DEL; C1
 * controls in UTF-8; and a CSI begun by a raw 0x9b that is not part of a UTF-8 character. The text of a
 * hyperlink stays. An unterminated string (OSC, DCS, SOS, PM, APC) is removed up to the end of its line, but
 * at most 4 KiB. Everything else passes untouched, UTF-8 or not.
 *
 * The output depends on the bytes, not on how they are cut into chunks, and sanitizing it again changes
 * nothing. At most one unfinished colour sequence or character is held back.
 *
 * Buffers that `push` returns may share memory with the chunk.
 */
export class Sanitizer {
  readonly #colours: boolean;
  #skipping: Skipping = 'nothing';
  /** How many more bytes of a string to skip at most. */
  #stringLeft = 0;
  /** The start of a sequence or character that cannot be judged yet. */
  #pending = EMPTY;
  /** How many bytes #judge wants removed. */
  #removed = 0;
  /** The last byte that passed. */
  #last = 0;

  constructor(mode: SanitizeMode) {
    this.#colours = mode === 'colours';
  }

  /**
   * Takes the next bytes. Returns those that pass, as far as they can be judged; the chunk itself if it is
   * clean.
   */
  push(chunk: Buffer): Buffer {
    if (this.#pending.length === 0) return this.#filter(chunk, false);
    const input = Buffer.concat([this.#pending, chunk]);
    this.#pending = EMPTY;
    return this.#filter(input, false);
  }

  /** Ends the output and returns what was held of it. The sanitizer can then be used for another output. */
  flush(): Buffer {
    const input = this.#pending;
    this.#pending = EMPTY;
    const rest = this.#filter(input, true);
    this.#skipping = 'nothing';
    this.#last = 0;
    return rest;
  }

  #filter(input: Buffer, final: boolean): Buffer {
    const size = input.length;
    let out: Buffer | undefined;
    let outSize = 0;
    let at = this.#skipping === 'nothing' ? 0 : this.#skip(input, 0, final);
    let from = at; // everything from here to `at` passes
    let end = size;

    while (at < size) {
      if (KIND[input[at]!] === PLAIN) {
        at = plainEnd(input, at + 1);
        continue;
      }
      const before = at === from ? (out?.[outSize - 1] ?? this.#last) : 0;
      const length = this.#judge(input, at, final, before);
      if (length === UNFINISHED) {
        end = at;
        break;
      }
      if (length > 0) {
        at += length;
        continue;
      }
      if (at > from) {
        out ??= Buffer.allocUnsafe(size);
        outSize = append(out, outSize, input, from, at);
      }
      const next = at + this.#removed;
      at = from = this.#skipping === 'nothing' ? next : this.#skip(input, next, final);
    }

    if (end < size) this.#pending = Buffer.from(input.subarray(end));
    // A skip may itself have held back the end of its input, and then returned the end.
    let result: Buffer;
    if (out === undefined) {
      result = from === 0 && end === size ? input : input.subarray(from, end);
    } else {
      outSize = append(out, outSize, input, from, end);
      result = out.subarray(0, outSize);
    }
    this.#last = result.at(-1) ?? this.#last;
    return result;
  }

  /**
   * Judges the sequence or character that begins at a byte that is not plain.
   * @param before the byte that will precede it, if something between the two was removed; else 0.
   * @returns how many bytes pass; 0: the next `#removed` bytes are removed, and then what `#skipping` says;
   *   -1: the sequence or character is unfinished.
   */
  #judge(input: Buffer, at: number, final: boolean, before: number): number {
    this.#removed = 1;
    switch (KIND[input[at]!]) {
      case HIGH:
        return this.#judgeHigh(input, at, final, before);
      case ESCAPE:
        return this.#judgeEscape(input, at, final);
      default:
        return 0;
    }
  }

  /** Like #judge, for a byte above ASCII. */
  #judgeHigh(input: Buffer, at: number, final: boolean, before: number): number {
    const byte = input[at]!;
    const length = characterLength(input, at);
    if (length === UNFINISHED && !final) return UNFINISHED;
    if (length > 0) {
      const c1 = byte === 0xc2 ? (input[at + 1] ?? 0) : 0;
      if (c1 < 0x80 || c1 >= 0xa0) return length;
      this.#removed = 2;
      this.#begin(c1 - 0x40);
      return 0;
    }
    if (byte === 0x9b) {
      this.#skipping = 'csi';
      return 0;
    }
    // Not UTF-8: it passes, unless it would form a C1 control together with the 0xc2 before it.
    return before === 0xc2 && byte < 0xa0 ? 0 : 1;
  }

  /** Like #judge, for an ESC. */
  #judgeEscape(input: Buffer, at: number, final: boolean): number {
    const follows = input[at + 1];
    if (follows === undefined) return final ? 0 : UNFINISHED;
    if (follows === 0x5b && this.#colours) {
      const length = colourLength(input, at);
      if (length > 0 || (length === UNFINISHED && !final)) return length;
    }
    if (follows >= 0x30 && follows <= 0x7e) {
      this.#removed = 2;
      this.#begin(follows);
    } else if (follows >= 0x20 && follows <= 0x2f) {
      this.#removed = 2;
      this.#skipping = 'escape';
    }
    return 0;
  }

  /** Handles the introducer of an escape sequence, in its form after ESC. */
  #begin(introducer: number): void {
    switch (introducer) {
      case 0x5b: // [
        this.#skipping = 'csi';
        break;
      case 0x5d: // ]
        this.#skipping = 'osc';
        this.#stringLeft = MAX_STRING;
        break;
      case 0x50: // P: DCS
      case 0x58: // X: SOS
      case 0x5e: // ^: PM
      case 0x5f: // _: APC
      case 0x6b: // k: the window's title, in screen
        this.#skipping = 'string';
        this.#stringLeft = MAX_STRING;
        break;
    }
  }

  /** Skips to the end of what is being skipped, or of the input. Returns the index after it. */
  #skip(input: Buffer, from: number, final: boolean): number {
    const size = input.length;
    let at = from;
    if (this.#skipping === 'csi' || this.#skipping === 'escape') {
      const lastParameter = this.#skipping === 'csi' ? 0x3f : 0x2f;
      for (; at < size; at++) {
        const byte = input[at]!;
        if (byte >= 0x20 && byte <= lastParameter) continue;
        this.#skipping = 'nothing';
        // The sequence's final byte. Any other byte means that the sequence was cut short, and is not part of
        // it.
        return byte > lastParameter && byte <= 0x7e ? at + 1 : at;
      }
      return size;
    }
    for (; at < size; at++) {
      if (this.#stringLeft-- === 0) return this.#stop(at);
      const byte = input[at]!;
      // An ESC may begin ST, which is `ESC \`.
      if (byte === LF || byte === CR || byte === ESC) return this.#stop(at);
      if ((byte === BEL && this.#skipping === 'osc') || byte === CAN || byte === SUB)
        return this.#stop(at + 1);
      if (byte === 0xc2) {
        if (at + 1 === size && !final) {
          this.#stringLeft++;
          this.#pending = Buffer.from(input.subarray(at));
          return size;
        }
        if (input[at + 1] === 0x9c) return this.#stop(at + 2);
      }
    }
    return size;
  }

  #stop(at: number): number {
    this.#skipping = 'nothing';
    return at;
  }
}

/**
 * The index of the next byte that is not plain, or else the end. Nearly all time is spent here, so it looks
 * at four bytes at a time.
 */
function plainEnd(bytes: Buffer, from: number): number {
  const size = bytes.length;
  let at = from;
  while (at + 4 <= size) {
    const kinds = KIND[bytes[at]!]! | KIND[bytes[at + 1]!]! | KIND[bytes[at + 2]!]! | KIND[bytes[at + 3]!]!;
    if (kinds !== PLAIN) break;
    at += 4;
  }
  while (at < size && KIND[bytes[at]!] === PLAIN) at++;
  return at;
}

const UNFINISHED = -1;

/**
 * The length of the UTF-8 character at `at`; 0 if there is none, -1 if the bytes end before that is certain.
 */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 1; i < length; i++) {
    if (at + i >= bytes.length) return UNFINISHED;
    const byte = bytes[at + i]!;
    if (byte < 0x80 || byte > 0xbf) return 0;
    if (i > 1) continue;
    // Overlong, surrogate, beyond U+10FFFF.
    if (lead === 0xe0 ? byte < 0xa0 : lead === 0xed ? byte > 0x9f : false) return 0;
    if (lead === 0xf0 ? byte < 0x90 : lead === 0xf4 ? byte > 0x8f : false) return 0;
  }
  return length;
}

/** The length of the colour sequence that begins with `ESC [` at `at`; 0 and -1 as above. */
function colourLength(bytes: Buffer, at: number): number {
  const from = at + 2;
  const limit = from + MAX_PARAMETERS;
  for (let end = from; end <= limit; end++) {
    if (end >= bytes.length) return UNFINISHED;
    const byte = bytes[end]!;
    if (byte === 0x6d) return end + 1 - at; // m
    if (byte < 0x30 || byte > 0x3b) return 0; // 0-9 : ;
  }
  return 0;
}

/**
 * Appends a range of bytes and returns the new size. Copies short ranges in a loop, since a call of `copy`
 * costs as much as 50 bytes.
 */
function append(out: Buffer, size: number, bytes: Buffer, from: number, to: number): number {
  if (to - from > 48) return size + bytes.copy(out, size, from, to);
  let end = size;
  for (let i = from; i < to; i++) out[end++] = bytes[i]!;
  return end;
}
