// Finds problems in the logs that are shown: the next one, the one under the cursor, all of a build. Knows
// logs and how problems are found.

import type { Job } from '../model/build.ts';
import type { Sliced } from '../model/sliced.ts';
import { ProblemList } from '../problems/problemlist.ts';
import type { Problem } from '../problems/problem.ts';
import type { Context } from './context.ts';
import type { LinkTarget } from '../documents/document.ts';
import type { ProblemMarks } from '../documents/problemmarks.ts';
import { goTo } from './logview.ts';
import type { GrowingBuild } from '../view/growingbuild.ts';
import { shownJobs } from './jobtree.ts';
import type { LogPane } from './logpane.ts';
import type { ProblemLogs } from './logproblems.ts';
import { problemLines, linkTargetOf } from './documents.ts';
import { logWindow } from './panesize.ts';
import { nextInGroups } from './ring.ts';

export class ProblemFinder {
  readonly #context: Context;
  readonly #logPane: LogPane;
  readonly #logs: ProblemLogs;
  /** The problems of the last log that was read. */
  #last: { readonly job: Job; readonly size: number; readonly found: readonly Problem[] } | undefined;

  constructor(context: Context, logPane: LogPane, logs: ProblemLogs) {
    this.#context = context;
    this.#logPane = logPane;
    this.#logs = logs;
  }

  /** Another build is open. */
  reset(): void {
    this.#last = undefined;
  }

  /** Reads the problems of a job's log, and caches those of the last log. */
  *#problemsOf(opened: GrowingBuild, job: Job): Sliced<readonly Problem[]> {
    if (this.#last?.job === job && this.#last.size === job.size) return this.#last.found;
    const found: Problem[] = [];
    const size = job.size;
    for (const problem of this.#read(opened, job)) {
      if (problem) found.push(problem);
      else yield;
    }
    this.#last = { job, size, found };
    return found;
  }

  /** Yields the problems of a log as it is now, and undefined between pieces. */
  *#read(opened: GrowingBuild, job: Job): Generator<Problem | undefined, void, void> {
    const log = this.#logs.of(opened, job, false);
    for (let found = log.read(); found; found = log.read()) {
      yield* found;
      yield undefined;
    }
  }

  /**
   * Goes to the next or previous problem in the log, errors before warnings; or line by line through a list.
   */
  *next(ahead: boolean): Sliced<void> {
    const state = this.#context.state;
    const { log } = state;
    const marks = this.#logPane.readings.marks();
    if (!marks) {
      const { document } = log.shown;
      const line = ahead ? document.at(log.cursor)?.next : document.before(log.cursor);
      if (line !== undefined && document.at(line)) goTo(document, log, logWindow(state), line);
      return;
    }
    state.working = 'looking for problems...';
    const visited = log.problem?.document === marks.document;
    const member = visited && log.problem?.at === log.cursor;
    // At first, the line of the cursor counts too.
    const here = member || visited || !ahead ? log.cursor : log.cursor - 1;
    while (marks.step() && !(ahead && hasError(marks, here))) yield;
    const step = nextInGroups([marks.errors, marks.warnings], here, ahead, member);
    if (!step) {
      state.message = 'no problems in this log';
      return;
    }
    log.problem = { document: marks.document, at: step.to };
    log.follow = false;
    goTo(marks.document, log, logWindow(state), step.to);
    const count = step.group === 0 ? marks.errors.length : marks.warnings.length;
    const word = step.group === 0 ? 'error' : 'warning';
    const again = step.again ? (ahead ? ', from the first again' : ', from the last again') : '';
    state.message = `${word} ${step.index + 1}${marks.done ? ` of ${count}` : ''}${again}`;
  }

  /** Shows the problems of all jobs of the build. */
  *all(opened: GrowingBuild): Sliced<void> {
    const state = this.#context.state;
    const all = new ProblemList();
    const jobs = shownJobs(opened, state.jobs.tree);
    let done = 0;
    for (const job of jobs) {
      done++;
      if (job.size === 0) continue;
      state.working = `looking for problems... ${done} of ${jobs.size}`;
      for (const problem of this.#read(opened, job)) {
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

  /**
   * Returns the place of the problem under the cursor, or else of the first error of the job, or its first
   * warning; undefined, after a message, if there is none.
   */
  *here(): Sliced<LinkTarget | undefined> {
    const { opened, state } = this.#context;
    const { log } = state;
    const here = log.shown.document.at(log.cursor)?.origin;
    const job = here?.job ?? log.shown.job;
    const found = job && opened ? yield* this.#problemsOf(opened, job) : [];
    const placed = found.filter(({ file }) => file !== undefined);
    const under = placed.find(({ from, to }) => here && here.at >= from && here.at < to);
    const problem = under ?? placed.find(({ severity }) => severity === 'error') ?? placed[0];
    if (!problem) state.message = 'no problem with a file in this log';
    return problem && linkTargetOf(problem, job);
  }
}

/** Whether an error behind a place is known: those are found in order. */
function hasError({ errors }: ProblemMarks, here: number): boolean {
  return (errors.at(-1) ?? -1) > here;
}
