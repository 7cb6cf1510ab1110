// Reads the problems of one log piece by piece, also while it grows.

import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Extractor } from '../problems/extract.ts';
import type { Problem } from '../problems/problem.ts';
import type { LogSource } from '../record/logsource.ts';
import type { ProblemSource } from './problemmarks.ts';

/** The problems of one log. */
export class LogProblems implements ProblemSource {
  at = 0;
  ended = false;
  readonly #job: Job;
  readonly #logs: LogSource;
  readonly #extractor: Extractor;
  readonly #grows: () => boolean;
  readonly #buffer: Buffer;

  /** @param grows whether there may be more text. @param buffer for what is read. */
  constructor(job: Job, logs: LogSource, extractor: Extractor, grows: () => boolean, buffer: Buffer) {
    this.#job = job;
    this.#logs = logs;
    this.#extractor = extractor;
    this.#grows = grows;
    this.#buffer = buffer;
  }

  read(): Problem[] | undefined {
    if (this.ended) return undefined;
    const want = Math.min(this.#buffer.length, this.#job.size - this.at);
    const n =
      want > 0 ? this.#logs.read(this.#job.id, this.at as ByteOffset, this.#buffer.subarray(0, want)) : 0;
    if (n > 0) {
      this.at += n;
      return this.#extractor.push(this.#buffer.subarray(0, n));
    }
    if (this.#grows()) return undefined;
    this.ended = true;
    return this.#extractor.end();
  }
}
