// How the logs of a build are read, wherever they are: on the disk, in the page, at the other end of a
// connection.

import type { Job } from '../model/build.ts';
import type { ByteOffset, JobId } from '../model/ids.ts';

/** Reads ranges of logs. */
export interface LogSource {
  /**
   * Reads from the offset `from` into a buffer. Returns the number of bytes, which is 0 at the end of the log
   * or if it is missing.
   */
  read(job: JobId, from: ByteOffset, into: Uint8Array): number;
}

/** Finds where lines end by reading the logs; keeps nothing. */
export function lineEnds(
  logs: LogSource,
  live: boolean,
): (job: Job, at: ByteOffset) => ByteOffset | undefined {
  const buffer = Buffer.allocUnsafe(64 * 1024);
  return (job, at) => {
    for (let from: number = at; from < job.size;) {
      const n = logs.read(job.id, from as ByteOffset, buffer);
      if (n === 0) break;
      const newline = buffer.subarray(0, n).indexOf(0x0a);
      // Live, the log is ahead of the journal.
      if (newline >= 0)
        return (live ? from + newline + 1 : Math.min(from + newline + 1, job.size)) as ByteOffset;
      from += n;
    }
    return live && job.ended === undefined ? undefined : job.size;
  };
}
