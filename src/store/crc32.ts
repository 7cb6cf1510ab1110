// The sum of zlib's crc32, without loading zlib for a few bytes: that takes longer than the rest of a small
// build's end.

import { crc32 as zlibCrc32 } from 'node:zlib';

/** From this size in bytes on, zlib is faster, its loading included. */
const LARGE = 16 * 1024;

/** For each byte, the reversed polynomial 0x04c11db7 eight times (ISO 3309). */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  return sum;
});

export function crc32(bytes: Uint8Array): number {
  if (bytes.length >= LARGE) return zlibCrc32(bytes);
  let sum = -1;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 0xff]! ^ (sum >>> 8);
  return (sum ^ -1) >>> 0;
}
