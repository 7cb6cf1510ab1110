// Unpacks gzip at once, in a worker that reads like a program does. Browsers can do it only later
// (DecompressionStream); what they unpack is checked here as they do it: by size and CRC-32 (RFC 1952).

import { gunzipSync } from 'fflate';

const TRAILER = 8;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return ~crc >>> 0;
}

/**
 * Unpacks a gzip member.
 * @param size of what comes out, in bytes.
 * @throws if it is damaged, or of another size.
 */
export function gunzip(packed: Uint8Array, size: number): Uint8Array {
  const end = new DataView(packed.buffer, packed.byteOffset + packed.length - TRAILER, TRAILER);
  if (end.getUint32(4, true) !== size) throw new Error('another size');
  const bytes = gunzipSync(packed, { out: new Uint8Array(size) });
  if (bytes.length !== size || crc32(bytes) !== end.getUint32(0, true)) throw new Error('damaged');
  return bytes;
}
