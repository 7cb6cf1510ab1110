// The sum of zlib's crc32, without loading zlib for a few bytes: that takes longer than the rest of a small
// build's end.

import { crc32 as zlibCrc32 } from 'node:zlib';

/** From this size in bytes on, zlib is faster, its loading included. */
const LARGE = 16 * 1024;

/** Made when it is needed: code that runs once takes half a millisecond for it. */
let table: Int32Array | undefined;

/** For each byte, the reversed polynomial 0x04c11db7 eight times (ISO 3309). */
function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    return sum;
  });
}

export function crc32(bytes: Uint8Array): number {
  if (bytes.length >= LARGE) return zlibCrc32(bytes);
  table ??= makeTable();
  let sum = -1;
  for (const byte of bytes) sum = table[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return (sum ^ -1) >>> 0;
}
