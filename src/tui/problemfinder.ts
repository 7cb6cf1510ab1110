// Finds problems in the logs that are shown: the next one, the one under the cursor, all of a build. Knows
// logs and how problems are found.

import type { Job } from '../model/build.ts';
import type { ByteOffset } from '../model/ids.ts';
import type { Sliced } from '../model/sliced.ts';
import type { Extractor } from '../problems/extract.ts';
import { ProblemList } from '../problems/problemlist.ts';
import type { Problem } from '../problems/problem.ts';
import { ProblemReader } from '../view/problemreader.ts';
import type { Context } from './context.ts';
import type { LinkTarget } from './doc/document.ts';
import { PieceDocument } from './doc/pieces.ts';
import { goTo } from './logview.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import type { LogPane } from './logpane.ts';
import { problemLines, linkTargetOf } from './documents.ts';
import { logWindow } from './panesize.ts';

/** How much of a log is read at once, in bytes. */
const CHUNK = 256 * 1024;

export class ProblemFinder {
  readonly #context: Context;
  readonly #logPane: LogPane;
  /** The problems of the last log that was read. */
  #last: { readonly job: Job; readonly size: number; readonly found: readonly Problem[] } | undefined;
  #reader: ProblemReader | undefined;

  constructor(context: Context, logPane: LogPane) {
    this.#context = context;
    this.#logPane = logPane;
  }

  /** Another build is open. */
  reset(): void {
    this.#last = undefined;
    this.#reader = undefined;
  }

  #extractor({ build, logs }: GrowingBuild, job: Job): Extractor {
    const { place, patterns } = this.#context.wiring;
    this.#reader ??= new ProblemReader(build, logs, place, patterns);
    return this.#reader.extractor(job);
  }

  /** Reads the problems of a job's log, and caches those of the last log. */
  *#problemsOf(opened: GrowingBuild, job: Job): Sliced<readonly Problem[]> {
    if (this.#last?.job === job && this.#last.size === job.size) return this.#last.found;
    const found: Problem[] = [];
    const size = job.size;
    for (const problem of readProblems(opened, job, this.#extractor(opened, job))) {
      if (problem) found.push(problem);
      else yield;
    }
    this.#last = { job, size, found };
    return found;
  }

  /** Goes to the next or previous problem in the log, or line by line through a list of problems. */
  *next(ahead: boolean): Sliced<void> {
    const state = this.#context.state;
    const { log } = state;
    const { document, kind } = log.shown;
    const opened = this.#context.opened;
    if (!opened || !(document instanceof PieceDocument) || kind === 'problems') {
      const line = ahead ? document.at(log.cursor)?.next : document.before(log.cursor);
      if (line !== undefined && document.at(line)) goTo(document, log, logWindow(state), line);
      return;
    }
    const atCursor = document.at(log.cursor)?.origin;
    const job = atCursor?.job ?? log.shown.job;
    if (!job) return;
    state.working = 'looking for problems...';
    const found = yield* this.#problemsOf(opened, job);
    const real = found.filter(({ summary }) => !summary);
    const at = atCursor?.at ?? -1;
    const fresh = log.pendingProblem !== job;
    log.pendingProblem = job;
    const next = ahead
      ? real.find((problem) => problem.at > at || (fresh && problem.at >= at))
      : real.findLast((problem) => problem.at < at);
    if (!next) {
      state.message = real.length === 0 ? 'no problems in this log' : 'no more problems this way';
      return;
    }
    const offset = document.find(job, next.at);
    if (offset === undefined) return;
    goTo(document, log, logWindow(state), document.startOf(offset));
    const index = real.indexOf(next);
    state.message = `problem ${index + 1} of ${real.length}`;
  }

  /** Shows the problems of all jobs of the build. */
  *all(opened: GrowingBuild): Sliced<void> {
    const state = this.#context.state;
    const all = new ProblemList();
    const { tree } = state.jobs;
    const jobs = new Set<Job>();
    for (let k = 0; k < tree.jobRows.length; k++) {
      const job = tree.job(tree.jobRows.at(k));
      if (job && !opened.isEarlier(job)) jobs.add(job);
    }
    let done = 0;
    for (const job of jobs) {
      done++;
      if (job.size === 0) continue;
      state.working = `looking for problems... ${done} of ${jobs.size}`;
      for (const problem of readProblems(opened, job, this.#extractor(opened, job))) {
        if (problem) all.add(job, problem);
        else yield;
      }
      yield;
    }
    const found = all.list();
    const errors = found.filter(({ problem }) => problem.severity === 'error').length;
    const warnings = found.length - errors;
    state.message = `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
    this.#logPane.visit('problems', 'Problems', problemLines(found, opened.nameOf), undefined);
  }

  /** Returns the place of the problem under the cursor; undefined, after a message, if there is none. */
  *here(): Sliced<LinkTarget | undefined> {
    const { opened, state } = this.#context;
    const { log } = state;
    const here = log.shown.document.at(log.cursor)?.origin;
    const found = here && opened ? yield* this.#problemsOf(opened, here.job) : [];
    const problem = found.find(
      ({ from, to, file }) => file !== undefined && here && here.at >= from && here.at < to,
    );
    if (!problem) state.message = 'no problem under the cursor';
    return problem && linkTargetOf(problem, here?.job);
  }
}

/** Reads the problems of a log; yields undefined between pieces. */
function* readProblems(
  opened: GrowingBuild,
  job: Job,
  extractor: Extractor,
): Generator<Problem | undefined, void, void> {
  const logs = opened.earlier.logsOf(opened.logs)(job);
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; at < job.size;) {
    const n = logs.read(job.id, at as ByteOffset, buffer.subarray(0, Math.min(CHUNK, job.size - at)));
    if (n === 0) break;
    yield* extractor.push(buffer.subarray(0, n));
    at += n;
    yield undefined;
  }
  yield* extractor.end();
}
