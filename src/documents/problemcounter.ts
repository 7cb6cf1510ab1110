// Counts the errors and warnings in the logs of a build, piece by piece, also while they grow. Each problem
// counts once, as in the list of problems.

import type { Build, Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Extractor } from '../problems/extract.ts';
import type { BoundedPatterns } from '../problems/boundedpatterns.ts';
import type { Problem } from '../problems/problem.ts';
import { type FoundProblem, ProblemList } from '../problems/problemlist.ts';
import type { LogSource } from '../record/logsource.ts';
import { type Project, ProblemReader } from './problemreader.ts';

export interface ProblemCounts {
  readonly errors: number;
  readonly warnings: number;
  /** There may be more: not everything was read. */
  readonly more: boolean;
}

/** How much is read in one step, in bytes. */
const STEP = 32 * 1024;
/** How much is read of one log, and of all, in bytes: counting must not take minutes. */
const MOST_OF_LOG = 16 * 1024 * 1024;
const MOST = 128 * 1024 * 1024;
/** How many jobs without unread text one step looks at. */
const MOST_LOOKED_AT = 500;

interface Reading {
  at: number;
  readonly extractor: Extractor;
}

export class ProblemCounter {
  readonly #build: Build;
  readonly #logs: LogSource & { close(): void };
  readonly #reader: ProblemReader;
  readonly #found = new ProblemList();
  readonly #buffer = Buffer.allocUnsafeSlow(STEP);
  /** The jobs before this one were begun. */
  #next = 0;
  /** Jobs that have not ended, or of which not all is read. */
  readonly #open = new Map<Job, Reading | undefined>();
  #read = 0;
  #more = false;
  #counted = { errors: 0, warnings: 0 };
  #stale = false;

  readonly #listener: ((job: Job, problem: Problem) => void) | undefined;

  /**
   * @param logs are closed when all is read.
   * @param patterns the user's.
   * @param listener called for each problem, before the list joins those that are the same.
   */
  constructor(
    build: Build,
    logs: LogSource & { close(): void },
    project: Project,
    patterns: BoundedPatterns,
    listener?: (job: Job, problem: Problem) => void,
  ) {
    this.#listener = listener;
    this.#build = build;
    this.#logs = logs;
    this.#reader = new ProblemReader(build, logs, project, patterns);
  }

  get counts(): ProblemCounts {
    if (this.#stale) {
      this.#stale = false;
      let errors = 0;
      const list = this.#found.list();
      for (const { problem } of list) if (problem.severity === 'error') errors++;
      this.#counted = { errors, warnings: list.length - errors };
    }
    return { ...this.#counted, more: this.#more || this.#found.dropped > 0 };
  }

  /** What was found so far. */
  get found(): readonly FoundProblem[] {
    return this.#found.list();
  }

  /**
   * Reads another piece.
   * @param over no log will grow any more.
   * @returns false if there is nothing to read now.
   */
  step(over: boolean): boolean {
    const { jobs } = this.#build;
    for (const [job, reading] of this.#open) if (this.#readMore(job, reading, over)) return true;
    for (let looked = 0; this.#next < jobs.length && looked < MOST_LOOKED_AT; looked++) {
      const job = jobs[this.#next++]!;
      this.#open.set(job, undefined);
      if (this.#readMore(job, undefined, over)) return true;
    }
    if (this.#next < jobs.length) return true;
    if (over) this.close();
    return false;
  }

  close(): void {
    this.#logs.close();
  }

  /** @returns whether there was something to read. */
  #readMore(job: Job, known: Reading | undefined, over: boolean): boolean {
    const at = known?.at ?? 0;
    const most = Math.min(job.size, MOST_OF_LOG, at + Math.max(0, MOST - this.#read));
    if (at >= most) {
      if (job.size > most) this.#more = true;
      if (over || job.ended !== undefined || job.size > most) this.#close(job, known);
      return false;
    }
    const reading = known ?? { at: 0, extractor: this.#reader.extractor(job) };
    if (!known) this.#open.set(job, reading);
    const want = Math.min(STEP, most - at);
    const n = this.#logs.read(job.id, at as ByteOffset, this.#buffer.subarray(0, want));
    if (n === 0) {
      // The log is shorter than its record says, or its text is not there yet.
      if (over || job.ended !== undefined) this.#close(job, reading);
      return false;
    }
    reading.at += n;
    this.#read += n;
    for (const problem of reading.extractor.push(this.#buffer.subarray(0, n))) this.#add(job, problem);
    if (reading.at >= job.size && (over || job.ended !== undefined)) this.#close(job, reading);
    return true;
  }

  #close(job: Job, reading: Reading | undefined): void {
    this.#open.delete(job);
    if (!reading) return;
    for (const problem of reading.extractor.end()) this.#add(job, problem);
  }

  #add(job: Job, problem: Problem): void {
    this.#listener?.(job, problem);
    this.#found.add(job, problem);
    this.#stale = true;
  }
}
