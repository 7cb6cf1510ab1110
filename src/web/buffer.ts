// Node's Buffer for the page, as far as the code that it shares with the program uses it. The bundle of the
// worker has it in place of the global one, and of the module node:buffer. The package `buffer` will not do:
// what its `subarray` returns is a plain Uint8Array, whose toString has numbers.

type Encoding = 'utf8' | 'latin1' | 'ascii' | 'hex';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { ignoreBOM: true });
const STRICT = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
/** How many characters are made of their codes at once: arguments are on the stack. */
const AT_ONCE = 8192;

class PageBuffer extends Uint8Array {
  static alloc(size: number): PageBuffer {
    return new PageBuffer(size);
  }

  static allocUnsafe(size: number): PageBuffer {
    return new PageBuffer(size);
  }

  static allocUnsafeSlow(size: number): PageBuffer {
    return new PageBuffer(size);
  }

  static override from(
    value: string | ArrayBufferLike | Iterable<number> | ArrayLike<number>,
    second?: unknown,
    third?: unknown,
  ): PageBuffer {
    if (typeof value === 'string') return fromText(value, second as Encoding | undefined);
    if (value instanceof ArrayBuffer)
      return new PageBuffer(value, second as number | undefined, third as number | undefined);
    const list = value as ArrayLike<number>;
    const made = new PageBuffer(list.length);
    made.set(list);
    return made;
  }

  static byteLength(text: string | Uint8Array, encoding: Encoding = 'utf8'): number {
    if (typeof text !== 'string') return text.byteLength;
    if (encoding === 'latin1' || encoding === 'ascii') return text.length;
    let length = text.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x80) continue;
      if (code < 0x800) length += 1;
      // Both halves of a pair together take four bytes.
      else if (code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
        length += 2;
        i++;
      } else length += 2;
    }
    return length;
  }

  static concat(list: readonly Uint8Array[], total?: number): PageBuffer {
    let length = total ?? 0;
    if (total === undefined) for (const one of list) length += one.length;
    const out = new PageBuffer(length);
    let at = 0;
    for (const one of list) {
      const piece = one.length > length - at ? one.subarray(0, length - at) : one;
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  static isBuffer(value: unknown): boolean {
    return value instanceof PageBuffer;
  }

  /** Without another species, subarray and the like return this class. */
  override toString(encoding: Encoding = 'utf8', from = 0, to = this.length): string {
    const bytes = from === 0 && to >= this.length ? this : this.subarray(from, to);
    if (encoding === 'latin1' || encoding === 'ascii') return latin1(bytes);
    if (encoding === 'hex') return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return DECODER.decode(bytes);
  }

  override indexOf(value: number | string | Uint8Array, from = 0): number {
    if (typeof value === 'number') return super.indexOf(value, from);
    const sought = typeof value === 'string' ? ENCODER.encode(value) : value;
    const start = from < 0 ? Math.max(0, this.length + from) : from;
    if (sought.length === 0) return Math.min(start, this.length);
    const first = sought[0]!;
    const last = this.length - sought.length;
    for (let at = super.indexOf(first, start); at >= 0 && at <= last; at = super.indexOf(first, at + 1)) {
      let i = 1;
      while (i < sought.length && this[at + i] === sought[i]) i++;
      if (i === sought.length) return at;
    }
    return -1;
  }

  override lastIndexOf(value: number, from = this.length - 1): number {
    return super.lastIndexOf(value, from);
  }

  override includes(value: number | string | Uint8Array, from = 0): boolean {
    // eslint-disable-next-line @typescript-eslint/prefer-includes -- this is what makes it one
    return this.indexOf(value, from) >= 0;
  }

  equals(other: Uint8Array): boolean {
    if (other.length !== this.length) return false;
    for (let i = 0; i < this.length; i++) if (this[i] !== other[i]) return false;
    return true;
  }

  copy(target: Uint8Array, at = 0, from = 0, to = this.length): number {
    const end = Math.min(to, this.length, from + Math.max(0, target.length - at));
    if (end <= from) return 0;
    target.set(this.subarray(from, end), at);
    return end - from;
  }
}

function fromText(text: string, encoding: Encoding = 'utf8'): PageBuffer {
  if (encoding !== 'latin1' && encoding !== 'ascii') {
    const bytes = ENCODER.encode(text);
    return new PageBuffer(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  const made = new PageBuffer(text.length);
  for (let i = 0; i < text.length; i++) made[i] = text.charCodeAt(i);
  return made;
}

/** One character for each byte. TextDecoder's latin1 is another character set. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE)
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + AT_ONCE) as unknown as number[]);
  return text;
}

/** Are all bytes ASCII? */
export function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}

/** Are the bytes UTF-8? */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

export { PageBuffer as Buffer };
