// The record of a shared build, one object: a line of 64 bytes with the lengths of what follows it, then the
// journal, the graphs and the index of the logs, each as gzip. One request brings all that a command needs
// besides the text of logs. (`tail -c +65 record | zcat` prints it.)

import fs from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Readable, Transform } from 'node:stream';
import zlib from 'node:zlib';

const HEAD = 64;
const MAGIC = 'loglin-record 1';

/** More than a journal, or the graphs of a build, ever had, in bytes. */
const MOST = 8 * 1024 ** 3;

/** The head of a record. */
export function recordHead(lengths: readonly number[]): Buffer {
  return Buffer.from(`${[MAGIC, ...lengths].join(' ').padEnd(HEAD - 1)}\n`);
}

export const RECORD_HEAD = HEAD;

/** The compressed parts of a record: journal, graphs, index. Undefined if it is none, or not whole. */
export function recordParts(record: Buffer): readonly [Buffer, Buffer, Buffer] | undefined {
  const head = record.toString('latin1', 0, HEAD).trim().split(' ');
  if (head.slice(0, 2).join(' ') !== MAGIC || head.length !== 5) return undefined;
  const lengths = head.slice(2).map(Number);
  const ends = lengths.map((_, i) => lengths.slice(0, i + 1).reduce((sum, length) => sum + length, HEAD));
  if (ends.at(-1) !== record.length) return undefined;
  const [journal, graph, index] = ends.map((end, i) => record.subarray(end - lengths[i]!, end));
  return [journal!, graph!, index!];
}

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
