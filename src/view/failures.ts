// What a job's log says about its failure: the first error near its end, or else the lines that may explain
// it.

import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Problem } from '../problems/problem.ts';
import { renameFiles } from '../problems/renamefiles.ts';
import { ERROR_LINES, errorLines, likelyErrorLines } from '../render/report.ts';
import type { LogSource } from '../record/logsource.ts';
import type { ProblemReader } from '../documents/problemreader.ts';

/** How much of a log's end is searched for its first error, in bytes. */
export const TAIL = 1024 * 1024;
/** How much of that is searched for telling lines if no pattern matches. */
const LAST = 256 * 1024;

/** The text about a failure. */
export interface FailureText {
  readonly lines: readonly string[];
  /** The error that the lines report, as `loglin problems` finds it; undefined: they only tell something. */
  readonly error: Problem | undefined;
  /** Identifies the error: the same for the same error in another job. '' if there are no lines. */
  readonly key: string;
}

/** Reads what the failure report prints for a job. Files are named relative to a folder. */
export class FailureReader {
  readonly #reader: ProblemReader;
  readonly #logs: LogSource;
  readonly #from: string;
  readonly #clean: (bytes: Buffer) => string;
  readonly #most: number;

  /**
   * @param from the folder, absolute. @param clean makes bytes of a log safe for the output.
   * @param most how many lines of a failure are wanted.
   */
  constructor(
    reader: ProblemReader,
    logs: LogSource,
    from: string,
    clean: (bytes: Buffer) => string,
    most = ERROR_LINES,
  ) {
    this.#most = most;
    this.#reader = reader;
    this.#logs = logs;
    this.#from = from;
    this.#clean = clean;
  }

  /** Reads the end of the job's log. */
  failure(job: Job): FailureText {
    const start = Math.max(0, job.size - TAIL) as ByteOffset;
    const buffer = Buffer.alloc(job.size - start);
    const tail = buffer.subarray(0, this.#logs.read(job.id, start, buffer));
    const error = this.#reader.firstError(job, tail, start);
    const printed = error
      ? errorLines(
          this.#clean(tail.subarray(error.from, error.to)),
          lineCount(tail, error.from, error.at),
          this.#most,
        )
      : likelyErrorLines(this.#clean(tail.subarray(-LAST)), this.#most);
    const call = this.#reader.caller(job, start, error, this.#from);
    const lines = printed.map((line) => renameFiles(line, call));
    const key = error?.file === undefined ? lines.join('\n') : errorKey(error);
    return { lines, error, key };
  }
}

/** Identifies an error: the same in another job, if it names a file. */
export function errorKey({ file, line, column, code, message }: Problem): string {
  return [file, line, column, code, message].join('\0');
}

function lineCount(bytes: Buffer, from: number, to: number): number {
  return bytes.subarray(from, to).toString('latin1').split('\n').length - 1;
}
