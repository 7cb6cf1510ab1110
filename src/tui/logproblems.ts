// Reads the problems of logs of the open build, piece by piece, also of a log that grows. Knows logs and how
// problems are found.

import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Extractor } from '../problems/extract.ts';
import type { Problem } from '../problems/problem.ts';
import type { LogSource } from '../store/logs.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { ProblemReader } from '../view/problemreader.ts';
import type { Context } from './context.ts';
import type { ProblemSource } from './doc/problemmarks.ts';

/** How much of a log is read at once, in bytes. What is larger stays longer as garbage. */
const CHUNK = 32 * 1024;

/** The problems of one log. */
class LogProblems implements ProblemSource {
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

/** Makes the readers of the open build's logs. */
export class ProblemLogs {
  readonly #context: Context;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  #reader: ProblemReader | undefined;
  #build: GrowingBuild | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  /** @param live whether there may be more text than there is now. */
  of(opened: GrowingBuild, job: Job, live: boolean): ProblemSource {
    const { place, patterns } = this.#context.wiring;
    if (this.#build !== opened) this.#reader = undefined;
    this.#build = opened;
    this.#reader ??= new ProblemReader(opened.build, opened.logs, place, patterns);
    const grows = (): boolean =>
      live && opened.state === 'running' && job.ended === undefined && !opened.isEarlier(job);
    const logs = opened.earlier.logsOf(opened.logs)(job);
    return new LogProblems(job, logs, this.#reader.extractor(job), grows, this.#buffer);
  }
}
