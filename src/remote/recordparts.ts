// Unpacks the parts of a shared build's record (record/recordhead.ts) into files.

import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable, Transform } from 'node:stream';
import zlib from 'node:zlib';

/** More than a journal, or the graphs of a build, ever had, in bytes. */
const MOST = 8 * 1024 ** 3;

/** Unpacks a part into a new file, as a stream. @throws if it is damaged, or the disk is full. */
export async function unpackPart(part: Buffer, file: string): Promise<void> {
  let size = 0;
  const limit = new Transform({
    transform(bytes: Buffer, _, done) {
      size += bytes.length;
      done(size > MOST ? new Error('too long') : null, bytes);
    },
  });
  const output = fs.createWriteStream(file, { flags: 'wx', mode: 0o600 });
  await pipeline(Readable.from([part]), zlib.createGunzip(), limit, output);
}
