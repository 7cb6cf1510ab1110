// The problems of many jobs as one list. Each problem is listed once, with all jobs that report it, errors
// before warnings.

import type { Job } from '../model/build.ts';
import type { Problem, Severity } from './problem.ts';

/** A problem and the jobs that report it. The problem's range refers to the log of the first job. */
export interface FoundProblem {
  readonly problem: Problem;
  readonly jobs: readonly Job[];
}

interface Entry {
  readonly problem: Problem;
  readonly jobs: Job[];
}

/** At most this many different problems are kept. */
const MOST = 100_000;

export class ProblemList {
  /** By file, then by place in it: texts are compared only where both are the same. */
  readonly #byPlace = new Map<string | undefined, Map<number, Entry[]>>();
  readonly #entries: Entry[] = [];
  readonly #most: number;
  /** Jobs that report an error themselves, or have a job below that failed. */
  readonly #explained = new Set<Job>();
  /** How many further different problems were dropped. */
  dropped = 0;

  constructor(most = MOST) {
    this.#most = most;
  }

  /** Adds a problem. All problems of one job must be added before those of the next. */
  add(job: Job, problem: Problem): void {
    if (problem.summary && problem.severity === 'warning') return;
    if (problem.severity === 'error') {
      if (!problem.summary) this.#explained.add(job);
      for (let up = job.parent; up && !this.#explained.has(up); up = up.parent) this.#explained.add(up);
    }
    const places = this.#byPlace.get(problem.file);
    const place = placeIn(problem);
    const there = places?.get(place);
    const entry = there?.find((one) => isSame(one.problem, problem));
    if (entry) {
      if (entry.jobs.at(-1) !== job) entry.jobs.push(job);
      return;
    }
    if (this.#entries.length >= this.#most) {
      this.dropped++;
      return;
    }
    const added = { problem, jobs: [job] };
    this.#entries.push(added);
    if (there) there.push(added);
    else if (places) places.set(place, [added]);
    else this.#byPlace.set(problem.file, new Map([[place, [added]]]));
  }

  /**
   * Returns errors, then warnings, each in the order in which they were added. A problem that only repeats a
   * failure is listed only if nothing else explains the failure.
   */
  list(): FoundProblem[] {
    const found: Record<Severity, FoundProblem[]> = { error: [], warning: [] };
    for (const { problem, jobs } of this.#entries) {
      const unexplained = problem.summary ? jobs.filter((job) => !this.#explained.has(job)) : jobs;
      if (unexplained.length > 0) found[problem.severity].push({ problem, jobs: unexplained });
    }
    return [...found.error, ...found.warning];
  }
}

/** A number for a place in a file. Other places may have the same one. */
function placeIn({ line = 0, column = 0 }: Problem): number {
  return (Math.imul(line, 4096) + column) | 0;
}

function isSame(a: Problem, b: Problem): boolean {
  return (
    a.line === b.line &&
    a.column === b.column &&
    a.severity === b.severity &&
    a.summary === b.summary &&
    a.message === b.message
  );
}

/** A key that stays the same when the problem moves to another line. */
export function fingerprint({ severity, file, code, message }: Problem): string {
  return [severity, file, code, message].join('\0');
}
