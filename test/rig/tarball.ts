// Unusual tars: each field of a header can hold anything.

export interface TarEntry {
  readonly name: string;
  /** One character. */
  readonly type?: string;
  readonly body?: Buffer;
  /** The size in the header, if it is not the body's: a number, or the field's bytes. */
  readonly size?: number | Buffer;
  readonly link?: string;
  readonly prefix?: string;
  readonly magic?: string;
  /** Missing: the right one. */
  readonly checksum?: string;
}

const BLOCK = 512;

export function tarHeader({
  name,
  type = '0',
  body,
  size,
  link = '',
  prefix = '',
  magic,
  checksum,
}: TarEntry): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (text: string | Buffer, at: number, length: number): void => {
    Buffer.from(text).copy(header, at, 0, length);
  };
  put(name, 0, 100);
  put('0000600\0', 100, 8);
  put('0000000\0', 108, 8);
  put('0000000\0', 116, 8);
  const claimed = size ?? body?.length ?? 0;
  put(typeof claimed === 'number' ? `${claimed.toString(8).padStart(11, '0')}\0` : claimed, 124, 12);
  put('00000000000\0', 136, 12);
  put(Buffer.from(type, 'latin1'), 156, 1);
  put(link, 157, 100);
  put(magic ?? 'ustar\x0000', 257, 8);
  put(prefix, 345, 155);
  put('        ', 148, 8);
  const sum = header.reduce((all, byte) => all + byte, 0);
  put(checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 8);
  return header;
}

/** @param end what follows the last entry: two blocks of zeros. */
export function tarball(entries: readonly TarEntry[], end = Buffer.alloc(2 * BLOCK)): Buffer {
  const pieces = entries.flatMap((entry) => {
    const { body = Buffer.alloc(0) } = entry;
    return [tarHeader(entry), body, Buffer.alloc(-body.length & (BLOCK - 1))];
  });
  return Buffer.concat([...pieces, end]);
}

/** A pax record: `27 path=…\n`. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

/** A number in GNU tar's notation for those too long for octal digits. */
export function binaryNumber(value: bigint): Buffer {
  const bytes = Buffer.alloc(12);
  let rest = BigInt.asUintN(96, value);
  for (let i = 11; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = bytes[0]! | 0x80;
  return bytes;
}
