// Reads a log line by line in bounded memory: as chunks of as many whole lines as fit, or parts of a longer
// line. Does not interpret the lines.

import type { ByteOffset, JobId } from '../model/ids.ts';
import { wholeCharacters } from '../model/utf8.ts';
import type { LogSource } from './logsource.ts';

/** Some bytes of a log. */
export interface LogChunk {
  /** Valid until the next chunk is requested. */
  readonly bytes: Buffer;
  /**
   * `lines`: whole lines; the last one of the log may lack its newline. `part`: part of a line that continues
   * in the next chunk, cut between characters. `last`: the end of such a line, with its newline if it has
   * one; it may be empty.
   */
  readonly kind: 'lines' | 'part' | 'last';
}

const CHUNK = 1 << 20;
const NEWLINE = 0x0a;

/** Reads logs one after the other into a single buffer. */
export class ChunkReader {
  readonly #buffer: Buffer;

  /**
   * @param longest the longest line, in bytes, that is returned as a whole. It is also the size of each read.
   */
  constructor(longest = CHUNK) {
    this.#buffer = Buffer.allocUnsafeSlow(longest);
  }

  /**
   * Yields the first `size` bytes of a job's log.
   * @param short called if bytes are missing, with the offset of the first.
   */
  *chunks(
    logs: LogSource,
    job: JobId,
    size: number,
    short?: (at: number) => void,
  ): Generator<LogChunk, void> {
    const buffer = this.#buffer;
    let held = 0; // bytes of an unfinished line, at the buffer's start
    let long = false; // they go on with a line of which a part is out
    for (let at = 0; at < size;) {
      const room = buffer.subarray(held, held + Math.min(buffer.length - held, size - at));
      const read = logs.read(job, at as ByteOffset, room);
      if (read === 0) {
        short?.(at);
        break;
      }
      at += read;
      const filled = buffer.subarray(0, held + read);
      let from = 0;
      if (long) {
        const end = filled.indexOf(NEWLINE, held) + 1;
        if (end > 0) {
          yield { bytes: filled.subarray(0, end), kind: 'last' };
          long = false;
          from = end;
        }
      }
      if (!long) {
        const end = filled.lastIndexOf(NEWLINE) + 1;
        if (end > from) {
          yield { bytes: filled.subarray(from, end), kind: 'lines' };
          from = end;
        }
      }
      if (from === 0 && (long || filled.length === buffer.length)) {
        // If a full buffer contains no character boundary, all of it is returned. Otherwise there would be no
        // room to read into.
        from = wholeCharacters(filled) || filled.length;
        yield { bytes: filled.subarray(0, from), kind: 'part' };
        long = true;
      }
      buffer.copyWithin(0, from, filled.length);
      held = filled.length - from;
    }
    if (held > 0 || long) yield { bytes: buffer.subarray(0, held), kind: long ? 'last' : 'lines' };
  }
}
