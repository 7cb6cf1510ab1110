// Where the problems of a log or a block are: read in slices when there is time, also while the logs grow.

import type { Job } from '../model/build.ts';
import type { Problem } from '../problems/problem.ts';
import type { PieceDocument, PlacedRange } from './pieces.ts';
import { Ticks } from './ticks.ts';

/** The bits of the ticks. */
export const ERROR = 1;
export const WARNING = 2;
/** At most so many places of errors, and of warnings, are kept. */
const MOST = 100_000;

/** Reads the problems of one log. */
export interface ProblemSource {
  /** How much has been read. */
  readonly at: number;
  /** Everything has been read. */
  readonly ended: boolean;
  /** Reads on. @returns the problems found; undefined if there is nothing to read now. */
  read(): Problem[] | undefined;
}

/** What is known of one job. */
interface Reading {
  readonly log: ProblemSource;
  /** Its pieces, in order, up to where the document has been looked at. */
  readonly pieces: PlacedRange[];
  /** Problems behind these pieces. */
  readonly waiting: Problem[];
}

export class ProblemMarks {
  readonly document: PieceDocument;
  readonly ticks = new Ticks();
  /** The starts of the lines that report errors, and warnings, in order. */
  readonly errors: number[] = [];
  readonly warnings: number[] = [];
  /** Where it is first said that something failed, without the reason. */
  summary: number | undefined;
  errorCount = 0;
  warningCount = 0;
  /** All that is known has been read. */
  done = false;
  /** How many bytes have been read. */
  bytes = 0;
  readonly #logOf: (job: Job) => ProblemSource;
  readonly #readings = new Map<Job, Reading>();
  readonly #growing = new Set<Reading>();
  #at = 0;

  constructor(document: PieceDocument, logOf: (job: Job) => ProblemSource) {
    this.document = document;
    this.#logOf = logOf;
  }

  /** Continues reading. @returns false if all that is known has been read. */
  step(): boolean {
    const piece = this.document.pieceAt(this.#at);
    if (piece?.kind === 'mark') this.#at = piece.end;
    else if (piece) {
      const reading = this.#readingOf(piece);
      if (!this.#read(reading)) this.#at = piece.end;
    }
    this.done = !piece && ![...this.#growing].some((reading) => this.#read(reading));
    return !this.done;
  }

  #readingOf(piece: PlacedRange): Reading {
    let reading = this.#readings.get(piece.job);
    if (!reading) {
      reading = { log: this.#logOf(piece.job), pieces: [], waiting: [] };
      this.#readings.set(piece.job, reading);
      this.#growing.add(reading);
    }
    if (reading.pieces.at(-1) !== piece) {
      reading.pieces.push(piece);
      this.#place(reading);
    }
    return reading;
  }

  /** Reads on in a log. @returns whether there was anything to read. */
  #read(reading: Reading): boolean {
    const before = reading.log.at;
    const found = reading.log.read();
    if (!found) {
      if (reading.log.ended) this.#growing.delete(reading);
      return false;
    }
    this.bytes += reading.log.at - before;
    if (found.length > 0) {
      reading.waiting.push(...found);
      this.#place(reading);
    }
    return true;
  }

  /** Notes the problems that are in the pieces seen so far. */
  #place({ pieces, waiting }: Reading): void {
    while (waiting.length > 0) {
      const problem = waiting[0]!;
      const piece = pieces.findLast(({ from }) => problem.at >= from);
      const offset = piece && piece.start + (problem.at - piece.from);
      if (offset !== undefined && piece && offset < piece.end) this.#note(problem, offset);
      else if (piece === pieces.at(-1)) return;
      waiting.shift();
    }
  }

  #note({ severity, summary }: Problem, offset: number): void {
    if (summary) {
      if (severity === 'error') this.summary = Math.min(this.summary ?? Infinity, offset);
      return;
    }
    const error = severity === 'error';
    this.ticks.add(offset, error ? ERROR : WARNING);
    if (error) this.errorCount++;
    else this.warningCount++;
    const list = error ? this.errors : this.warnings;
    if (list.length >= MOST) return;
    let at = list.length;
    while (at > 0 && list[at - 1]! > offset) at--;
    // Several problems may be in one line.
    if (list[at - 1] !== offset) list.splice(at, 0, offset);
  }
}
