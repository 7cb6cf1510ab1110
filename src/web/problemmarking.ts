// Where problems are in the documents that are open: read in steps, each log once for each document.

import { LogProblems } from '../documents/logproblems.ts';
import { PieceDocument } from '../documents/pieces.ts';
import { ProblemMarks, type ProblemSource } from '../documents/problemmarks.ts';
import { ProblemReader } from '../documents/problemreader.ts';
import { hasFailedBelow } from '../linearize/failures.ts';
import { failed, type Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import { untimed } from '../problems/boundedpatterns.ts';
import type { OpenDocument } from './opendocuments.ts';
import type { PageBuild } from './pagebuild.ts';
import type { Found, Line, Marks } from './protocol.ts';

/** How much of a log is read at once, in bytes. */
const CHUNK = 32 * 1024;
/** Problems are sought in so many bytes of a document without being asked for. */
const UNASKED = 64 * 1024 * 1024;
/** So long a failed job's first error is sought before its log is shown, in milliseconds. */
const OPENING_MS = 400;

const MATCH = 4;

export class ProblemMarking {
  readonly #build: PageBuild;
  readonly #reader: ProblemReader;
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK);
  readonly #marks = new WeakMap<OpenDocument, ProblemMarks>();

  constructor(build: PageBuild) {
    this.#build = build;
    this.#reader = new ProblemReader(build.build, build.logs, build.project, untimed([]));
  }

  /** Goes on reading for a document. @returns false if there is nothing to do now. */
  step(open: OpenDocument): boolean {
    const marks = this.#of(open);
    return marks !== undefined && marks.bytes <= UNASKED && marks.step();
  }

  /** What stands beside the text, in so many parts. */
  marks(open: OpenDocument, parts: number): Marks {
    const marks = this.#of(open);
    const { document, matches } = open;
    const ticks = new Uint8Array(Math.max(1, Math.min(parts, 4096)));
    const end = Math.max(1, document.knownEnd);
    marks?.ticks.rows(ticks.length, end).forEach((kinds, i) => (ticks[i] = kinds));
    matches?.ticks.rows(ticks.length, end).forEach((kinds, i) => {
      if (kinds !== 0) ticks[i] = ticks[i]! | MATCH;
    });
    return {
      document: open.number,
      ticks,
      errors: marks?.errorCount ?? 0,
      warnings: marks?.warningCount ?? 0,
      done: marks?.done ?? true,
    };
  }

  /** The next line with a problem, in the order of the text; from the other end again. */
  *next(open: OpenDocument, offset: number, ahead: boolean, errors: boolean): Sliced<Found | undefined> {
    const marks = this.#of(open);
    if (!marks) return undefined;
    const places = (): number[] =>
      errors ? marks.errors : [...marks.errors, ...marks.warnings].sort((a, b) => a - b);
    const behind = (): number | undefined => places().find((place) => place > offset);
    if (ahead) while (behind() === undefined && marks.step()) yield;
    else while (marks.step()) yield;
    const all = places();
    const found = ahead ? behind() : all.findLast((place) => place < offset);
    if (found !== undefined) return { offset: found, again: false };
    const far = ahead ? all[0] : all.at(-1);
    return far === undefined ? undefined : { offset: far, again: true };
  }

  /** Where a document is shown first: that of a failed job where it failed. */
  *start(open: OpenDocument): Sliced<number> {
    const { job, asked, document } = open;
    if (asked.kind !== 'log' || !job || !failed(job) || !(document instanceof PieceDocument)) return 0;
    if (hasFailedBelow(job)) {
      const mark = document.findMark((target) => target.job !== undefined && failed(target.job));
      if (mark !== undefined) return mark;
    }
    const marks = this.#of(open)!;
    const end = performance.now() + OPENING_MS;
    while (marks.errors.length === 0 && performance.now() < end && marks.step()) yield;
    const at = marks.errors[0] ?? (marks.done ? marks.summary : undefined);
    if (at !== undefined) return at;
    // What is not understood is said at the end, mostly.
    return marks.done ? (document.before(document.end()) ?? 0) : 0;
  }

  /** Adds to a line which problem begins in it. */
  marked(open: OpenDocument, line: Line): Line {
    const marks = this.#marks.get(open);
    if (!marks) return line;
    if (has(marks.errors, line.offset)) return { ...line, problem: 'error' };
    return has(marks.warnings, line.offset) ? { ...line, problem: 'warning' } : line;
  }

  #of(open: OpenDocument): ProblemMarks | undefined {
    const { document } = open;
    if (!(document instanceof PieceDocument)) return undefined;
    let marks = this.#marks.get(open);
    if (!marks) this.#marks.set(open, (marks = new ProblemMarks(document, (job) => this.#source(job))));
    return marks;
  }

  #source(job: Job): ProblemSource {
    const grows = (): boolean => this.#build.state === 'running' && job.ended === undefined;
    return new LogProblems(job, this.#build.logs, this.#reader.extractor(job), grows, this.#buffer);
  }
}

/** Is a number in a sorted list? */
function has(list: readonly number[], sought: number): boolean {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < sought) low = middle + 1;
    else high = middle;
  }
  return list[low] === sought;
}
