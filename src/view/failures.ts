// What is said of jobs that failed: the first error in the end of their logs, or the lines that may explain it.

import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import { located } from '../problems/located.ts';
import { errorLines, tellingLines } from '../render/report.ts';
import type { LogSource } from '../store/logs.ts';
import type { ProblemReader } from './problemreader.ts';

/** How much of a log's end is looked at for its first error. */
export const TAIL = 1024 * 1024;
/** And how much of that for a line that may be one, where no pattern fits. */
const LAST = 256 * 1024;

/** What is said of a failure. */
export interface FailureText {
  readonly lines: readonly string[];
  /** An error was found, as `loglin problems` finds it: not just lines that may tell. */
  readonly sure: boolean;
  /** What is the same for the same error in another job; '' where nothing is said. */
  readonly key: string;
}

/** Reads what the failure report says of jobs that failed: with files as they are called from a folder. */
export class FailureReader {
  readonly #reader: ProblemReader;
  readonly #logs: LogSource;
  readonly #from: string;
  readonly #clean: (bytes: Buffer) => string;

  /** @param from the folder, absolute. @param clean makes bytes of a log fit for where they are printed. */
  constructor(reader: ProblemReader, logs: LogSource, from: string, clean: (bytes: Buffer) => string) {
    this.#reader = reader;
    this.#logs = logs;
    this.#from = from;
    this.#clean = clean;
  }

  /** What the end of the job's log says of its failure. */
  failure(job: Job): FailureText {
    const start = Math.max(0, job.size - TAIL) as ByteOffset;
    const buffer = Buffer.alloc(job.size - start);
    const tail = buffer.subarray(0, this.#logs.read(job.id, start, buffer));
    const error = this.#reader.firstError(job, tail, start);
    const printed = error
      ? errorLines(this.#clean(tail.subarray(error.from, error.to)), lineCount(tail, error.from, error.at))
      : tellingLines(this.#clean(tail.subarray(-LAST)));
    const call = this.#reader.caller(job, start, error, this.#from);
    const lines = printed.map((line) => located(line, call));
    const { file, line, column, code, message } = error ?? {};
    const key = file === undefined ? lines.join('\n') : [file, line, column, code, message].join('\0');
    return { lines, sure: error !== undefined, key };
  }
}

function lineCount(bytes: Buffer, from: number, to: number): number {
  return bytes.subarray(from, to).toString('latin1').split('\n').length - 1;
}
