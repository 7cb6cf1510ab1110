// Reads, when there is time, what the title and the scrollbar of the log pane show: how many lines there are,
// which of them match the pattern, where the problems are. A failed job's log thus opens at its first error.

import { failed } from '../model/build.ts';
import { hasFailedBelow } from '../linearize/failures.ts';
import type { Context } from './context.ts';
import type { Document } from '../documents/document.ts';
import { MatchCount } from '../documents/matchcount.ts';
import { PieceDocument } from '../documents/pieces.ts';
import { ProblemMarks } from '../documents/problemmarks.ts';
import type { ProblemLogs } from './logproblems.ts';
import { goLast, goTo } from './logview.ts';
import { logWindow } from './panesize.ts';
import type { Worker } from './slices.ts';

/** Lines are counted and problems sought in so many bytes without being asked for. */
const UNASKED = 256 * 1024 * 1024;
/** The minimum time between two repaints for what has been read. */
const REPAINT_MS = 120;
/** Of each tenth of a second that a build runs, reading for problems takes at most this many milliseconds. */
const LIVE_SHARE_MS = 3;
const LIVE_PERIOD_MS = 100;
/** How long the first lines are read before a log is shown at all. */
const AT_ONCE_MS = 4;

export class LogReadings {
  readonly #context: Context;
  readonly #logs: ProblemLogs;
  readonly #marks = new WeakMap<Document, ProblemMarks>();
  /** The log of a failed job, until its first error is known. */
  #opening: Document | undefined;
  #painted = 0;
  /** Until when reading takes no more than its share, and how long it took of that. */
  #restUntil = 0;
  #spent = 0;
  #busy = false;

  constructor(context: Context, logs: ProblemLogs) {
    this.#context = context;
    this.#logs = logs;
  }

  /** The problems of what is shown, as far as they are known; undefined if it is no log. */
  marks(): ProblemMarks | undefined {
    const { opened, state } = this.#context;
    const { document } = state.log.shown;
    state.log.marks = undefined;
    if (!opened || !(document instanceof PieceDocument)) return undefined;
    let marks = this.#marks.get(document);
    if (!marks) {
      marks = new ProblemMarks(document, (job) => this.#logs.of(opened, job, true));
      this.#marks.set(document, marks);
    }
    state.log.marks = marks;
    return marks;
  }

  /** Another text is shown, from its start: that of a failed job from where it failed. */
  begin(): void {
    const { state } = this.#context;
    const { log } = state;
    const { kind, job, document } = log.shown;
    this.#opening = undefined;
    if (kind !== 'log' || !job || !failed(job) || log.follow || !(document instanceof PieceDocument)) return;
    if (hasFailedBelow(job)) {
      const mark = document.findMark((target) => target.job !== undefined && failed(target.job));
      if (mark !== undefined) {
        goTo(document, log, logWindow(state), mark);
        return;
      }
    }
    this.#opening = document;
    const end = performance.now() + AT_ONCE_MS;
    while (this.#isOpening && performance.now() < end && this.#stepMarks());
  }

  get #isOpening(): boolean {
    return this.#opening !== undefined;
  }

  /** The position is decided otherwise. */
  stay(): void {
    this.#opening = undefined;
  }

  readonly step: Worker = () => {
    const more = [this.#stepMarks(), this.#stepMatches(), this.#stepNumbers()].includes(true);
    const now = Date.now();
    if (more ? now - this.#painted > REPAINT_MS : this.#busy) {
      this.#painted = now;
      this.#context.changed();
    }
    this.#busy = more;
    return more;
  };

  #stepMarks(): boolean {
    const marks = this.marks();
    if (!marks || marks.bytes > UNASKED || !this.#mayWork()) return false;
    const began = performance.now();
    const more = marks.step();
    this.#spent += performance.now() - began;
    if (this.#opening === marks.document) this.#goToFirst(marks);
    return more;
  }

  /** While the build runs, reading for problems takes only a part of the time. */
  #mayWork(): boolean {
    const now = performance.now();
    if (this.#context.opened?.state !== 'running' || now >= this.#restUntil) {
      this.#spent = 0;
      this.#restUntil = now + LIVE_PERIOD_MS;
    }
    return this.#spent < LIVE_SHARE_MS;
  }

  #goToFirst(marks: ProblemMarks): void {
    const { state } = this.#context;
    const { log } = state;
    const { document } = marks;
    const at = marks.errors[0] ?? (marks.done ? marks.summary : undefined);
    if (at === undefined && !marks.done) return;
    this.#opening = undefined;
    if (log.cursor !== 0 || log.top !== 0 || log.row !== 0) return;
    // What is not understood is said at the end, mostly.
    if (at === undefined) goLast(document, log, logWindow(state));
    else goTo(document, log, logWindow(state), at);
    if (marks.errors.length > 0) log.problem = { document, at: log.cursor };
  }

  #stepMatches(): boolean {
    const { log } = this.#context.state;
    const { document } = log.shown;
    if (!log.pattern) log.matches = undefined;
    else if (log.matches?.pattern !== log.pattern || log.matches.document !== document)
      log.matches = new MatchCount(document, log.pattern);
    return log.matches?.step() ?? false;
  }

  #stepNumbers(): boolean {
    const { numbers: wanted, shown } = this.#context.state.log;
    const { numbers } = shown;
    return numbers !== undefined && (wanted || numbers.counted < UNASKED) && numbers.step();
  }
}
